//! The feature `aws`: [`epicac::Provider`] inside the AWS SDK for Rust.

#![allow(clippy::unwrap_used, reason = "a test says so by panicking")]

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use epicac::{Grants, Provider, Sandbox};
use epicac_tests::{Agent, Answer, credentials, test_token};
use std::time::{Duration, SystemTime};

fn provider(agent: &Agent) -> Provider {
    Sandbox::new().unwrap().provider(Grants::from_variables([
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), agent.url()),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(),
            test_token(3600),
        ),
    ]))
}

#[tokio::test]
async fn an_sdk_configuration_takes_its_credentials_from_the_sandbox() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(provider(&agent))
        .load()
        .await;
    let credentials = config
        .credentials_provider()
        .unwrap()
        .provide_credentials()
        .await
        .unwrap();
    assert!(credentials.access_key_id().starts_with("ASIA"));
    assert!(credentials.session_token().is_some());
    let left = credentials
        .expiry()
        .unwrap()
        .duration_since(SystemTime::now())
        .unwrap();
    assert!(
        left > Duration::from_secs(3500) && left <= Duration::from_secs(3600),
        "{left:?}"
    );
}

#[tokio::test]
async fn the_causes_reach_the_sdk() {
    let none = Sandbox::new().unwrap().provider(Grants::from_variables([]));
    let error = none.provide_credentials().await.unwrap_err();
    assert!(
        matches!(error, CredentialsError::CredentialsNotLoaded(_)),
        "{error:?}"
    );

    let agent = Agent::start().unwrap();
    agent.always(Answer::text(403, "Access Denied\n"));
    let error = provider(&agent).provide_credentials().await.unwrap_err();
    assert!(
        matches!(error, CredentialsError::ProviderError(_)),
        "{error:?}"
    );
}
