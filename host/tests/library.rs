//! The library as a Rust program uses it: typed credentials and errors from the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says so by panicking"
)]

use epicac::{
    Admitted, Cause, Credentials, CredentialsError, DeniedError, Error, Grants, Limit, Limits,
    Policy, Provider, Roles, RouteError, Sandbox,
};
use epicac_tests::{Agent, Answer, Authority, Sts, TlsServer, credentials, test_token};
use std::sync::Arc;
use std::time::Duration;

fn grants(agent: &Agent) -> Grants {
    Grants::from_variables([
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), agent.url()),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(),
            test_token(3600),
        ),
        ("PATH".to_owned(), "/never/granted".to_owned()),
    ])
}

fn provider(agent: &Agent) -> Provider {
    Sandbox::new().unwrap().provider(grants(agent))
}

async fn fails(agent: &Agent) -> CredentialsError {
    match provider(agent).get_credentials().await {
        Err(Error::Credentials(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn credentials_are_typed() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_at(
        "2090-01-02T03:04:05.6Z",
    )));
    let Credentials {
        access_key_id,
        session_token,
        expiration,
        account_id,
        ..
    } = provider(&agent).get_credentials().await.unwrap();
    assert!(access_key_id.starts_with("ASIA"));
    assert!(!session_token.expose().is_empty());
    assert_eq!(expiration.to_string(), "2090-01-02T03:04:05Z");
    assert_eq!(account_id.unwrap().len(), 12);
}

#[tokio::test]
async fn only_the_four_variables_are_granted() {
    let agent = Agent::start().unwrap();
    let granted: Vec<_> = grants(&agent)
        .variables()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(
        granted,
        [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        ]
    );
}

#[tokio::test]
async fn credentials_are_kept_until_shortly_before_they_expire() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let kept = provider(&agent);
    for _ in 0..3 {
        kept.get_credentials().await.unwrap();
    }
    assert_eq!(agent.requests().len(), 1);

    agent.always(Answer::json(&credentials::expiring_in(200)));
    let refreshed = provider(&agent);
    for _ in 0..3 {
        refreshed.get_credentials().await.unwrap();
    }
    assert_eq!(agent.requests().len(), 4);
}

#[tokio::test]
async fn there_can_be_more_refreshes_than_resources_in_a_run() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(200)));
    let refreshed = provider(&agent);
    let refreshes = 2 * Limits::BUILT_IN.resources;
    for refresh in 0..refreshes {
        let credentials = refreshed.get_credentials().await;
        assert!(credentials.is_ok(), "refresh {refresh}: {credentials:?}");
    }
    assert_eq!(agent.requests().len(), refreshes);
}

#[tokio::test]
async fn a_failed_refresh_does_not_take_away_what_is_still_valid() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::json(&credentials::expiring_in(200))]);
    agent.always(Answer::text(403, "Access Denied\n"));
    let kept = provider(&agent);
    let first = kept.get_credentials().await.unwrap();
    assert_eq!(kept.get_credentials().await.unwrap(), first);
    assert_eq!(agent.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_at_once_cause_one_request() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_millis(50)));
    let shared = Arc::new(provider(&agent));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let shared = shared.clone();
            tokio::spawn(async move { shared.get_credentials().await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(agent.requests().len(), 1);
}

#[tokio::test]
async fn many_tasks_at_once_share_a_failure() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::text(403, "Access Denied\n").delayed(Duration::from_millis(50)));
    let shared = Arc::new(provider(&agent));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let shared = shared.clone();
            tokio::spawn(async move { shared.get_credentials().await.unwrap_err().to_string() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().contains("Access Denied"));
    }
    assert_eq!(agent.requests().len(), 1);
    // The next call asks again.
    assert!(shared.get_credentials().await.is_err());
    assert_eq!(agent.requests().len(), 2);
}

#[tokio::test]
async fn a_refresh_tells_its_failure_and_leaves_what_is_kept() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::json(&credentials::expiring_in(200))]);
    agent.always(Answer::text(403, "Access Denied\n"));
    let kept = provider(&agent);
    assert!(kept.kept(0).is_none());
    let first = kept.refresh().await.unwrap();
    assert!(kept.refresh().await.is_err());
    assert_eq!(kept.kept(0), Some(first));
    assert!(kept.kept(Provider::REFRESH_SECONDS).is_none());
}

#[tokio::test]
async fn errors_are_typed() {
    let none = Sandbox::new().unwrap().provider(Grants::from_variables([]));
    assert!(matches!(
        none.get_credentials().await,
        Err(Error::Credentials(error)) if error.cause == Cause::NoEndpoint
    ));

    let agent = Agent::start().unwrap();
    agent.always(Answer::text(403, "Access Denied\n"));
    let error = fails(&agent).await;
    assert_eq!((error.cause, error.status), (Cause::Refused, Some(403)));
    assert!(error.message.contains(": Access Denied ("), "{error}");
    agent.always(Answer::json(&credentials::expiring_in(-1)));
    let error = fails(&agent).await;
    assert_eq!((error.cause, error.status), (Cause::Expired, None));
}

#[tokio::test]
async fn the_deadline_ends_a_run_and_the_next_one_starts_afresh() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::stall()]);
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let limits = Limits {
        deadline: Duration::from_millis(200),
        ..Limits::BUILT_IN
    };
    let admitted = Admitted::from(grants(&agent)).with_limits(limits);
    let hasty = Sandbox::new().unwrap().provider(admitted);
    assert!(matches!(
        hasty.get_credentials().await,
        Err(Error::Limit(Limit::Deadline))
    ));
    hasty.get_credentials().await.unwrap();
}

#[tokio::test]
async fn too_little_fuel_or_memory_is_a_limit_and_not_a_hang() {
    let agent = Agent::start().unwrap();
    let limited = async |limits| {
        let admitted = Admitted::from(grants(&agent)).with_limits(limits);
        let provider = Sandbox::new().unwrap().provider(admitted);
        provider.get_credentials().await
    };
    let run = limited(Limits {
        fuel: 1_000,
        ..Limits::BUILT_IN
    })
    .await;
    assert!(matches!(run, Err(Error::Limit(Limit::Fuel))), "{run:?}");

    let run = limited(Limits {
        requests: 0,
        ..Limits::BUILT_IN
    })
    .await;
    assert!(matches!(run, Err(Error::Limit(Limit::Requests))), "{run:?}");

    let run = limited(Limits {
        resources: 2,
        ..Limits::BUILT_IN
    })
    .await;
    assert!(
        matches!(run, Err(Error::Limit(Limit::Resources))),
        "{run:?}"
    );
}

fn with_roles(agent: &Agent, url: String) -> Grants {
    let variables = [("AWS_ENDPOINT_URL_STS".to_owned(), url)];
    let options = [
        "--role-arn=arn:aws:iam::111111111111:role/reader",
        "--role-arn=arn:aws:iam::222222222222:role/writer",
    ];
    let roles = Roles::from_variables(options, variables).unwrap();
    grants(agent).with_roles(roles)
}

#[tokio::test]
async fn roles_are_assumed_and_kept() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let sts = Sts::start().unwrap();
    let kept = Sandbox::new()
        .unwrap()
        .provider(with_roles(&agent, sts.url()));
    for _ in 0..3 {
        let credentials = kept.get_credentials().await.unwrap();
        assert_eq!(credentials.access_key_id, "ASIAROLE2");
        assert_eq!(credentials.account_id.as_deref(), Some("222222222222"));
    }
    assert_eq!(sts.forms().len(), 2);
}

/// The same grants, as a policy admits them that names all of it.
fn by_policy(grants: Grants) -> Admitted {
    let policy = Policy::effective(&grants).unwrap();
    policy.admit(grants).unwrap()
}

#[tokio::test]
async fn an_sts_that_is_not_of_aws_is_denied() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let grants = with_roles(&agent, "https://sts.invalid".to_owned());
    let denied = Sandbox::new().unwrap().provider(grants.clone());
    assert!(matches!(
        denied.get_credentials().await,
        Err(Error::Denied(DeniedError::StsEndpoint(_)))
    ));
    assert!(matches!(
        Admitted::from(grants.clone()).prepare(),
        Err(Error::Denied(DeniedError::StsEndpoint(_)))
    ));
    // RFC 6761 §6.4: allowed, it is still not there.
    let allowed = Sandbox::new().unwrap().provider(by_policy(grants));
    assert!(matches!(
        allowed.get_credentials().await,
        Err(Error::Sts(_))
    ));
}

#[tokio::test]
async fn an_https_endpoint_is_asked_only_beyond_the_built_in_policy() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let authority = Authority::new().unwrap();
    let server = TlsServer::start(agent.address(), &authority, &["localhost"]).unwrap();
    let bundle = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(bundle.path(), authority.pem()).unwrap();
    let uri = format!("https://localhost:{}/", server.address().port());
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), uri);
    let trusting = (
        "AWS_CA_BUNDLE".to_owned(),
        bundle.path().display().to_string(),
    );
    let sandbox = Sandbox::new().unwrap();

    let grants = Grants::from_variables([uri.clone(), trusting]);
    assert!(matches!(
        sandbox.provider(grants.clone()).get_credentials().await,
        Err(Error::Denied(DeniedError::Https))
    ));
    let allowed = sandbox.provider(by_policy(grants));
    assert!(allowed.get_credentials().await.is_ok());
    assert_eq!(agent.requests().len(), 1);

    let missing = ("AWS_CA_BUNDLE".to_owned(), "/no/bundle.pem".to_owned());
    let trusting_no_file = by_policy(Grants::from_variables([uri.clone(), missing]));
    let refused = sandbox.provider(trusting_no_file).get_credentials().await;
    assert!(
        matches!(refused, Err(Error::Endpoint(RouteError::CaBundle(..)))),
        "{refused:?}"
    );

    let trusting_nobody_of_the_kind = by_policy(Grants::from_variables([uri]));
    assert!(matches!(
        sandbox
            .provider(trusting_nobody_of_the_kind)
            .get_credentials()
            .await,
        Err(Error::Endpoint(RouteError::UnknownIssuer(_)))
    ));
    assert_eq!(agent.requests().len(), 1);
}
