//! §3, the request: what it looks like, and whom it never goes to.

use std::time::Duration;

use epicac_tests::{Agent, Answer, Epicac, StalledListener};

use crate::cases::{agent_with, each, generous_agent, valid};

#[test]
fn it_is_a_get_without_a_body() {
    let agent = generous_agent();
    Epicac::asking(&agent).run().succeeds();
    let request = &agent.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.version.as_str()),
        ("GET", "HTTP/1.1")
    );
    assert_eq!(request.header("Transfer-Encoding"), None);
    assert!(matches!(request.header("Content-Length"), None | Some("0")));
    assert!(request.body.is_empty());
}

#[test]
fn it_accepts_json() {
    let agent = generous_agent();
    Epicac::asking(&agent).run().succeeds();
    assert_eq!(
        agent.requests()[0].header_values("Accept"),
        ["application/json"]
    );
}

#[test]
fn its_user_agent_has_name_and_version() {
    let agent = generous_agent();
    Epicac::asking(&agent).run().succeeds();
    let requests = agent.requests();
    let [user_agent] = requests[0].header_values("User-Agent")[..] else {
        panic!("one User-Agent")
    };
    let product = user_agent.split(' ').next().unwrap();
    let (name, version) = product.split_once('/').expect("name/version");
    assert_eq!(name, "epicac");
    assert!(
        version.starts_with(|first: char| first.is_ascii_digit()),
        "{user_agent}"
    );
}

#[test]
fn it_has_each_header_once_and_no_other() {
    let agent = generous_agent();
    Epicac::asking(&agent).token("a-token").run().succeeds();
    let headers = &agent.requests()[0].headers;
    let mut names: Vec<_> = headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    // Whether the connection is kept open is the runtime's own business.
    names.retain(|name| name != "connection");
    assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
}

#[test]
fn one_request_is_made_when_it_succeeds() {
    let agent = generous_agent();
    Epicac::asking(&agent).run().succeeds();
    assert_eq!((agent.requests().len(), agent.connections()), (1, 1));
}

#[test]
fn a_redirect_is_never_followed() {
    let target = generous_agent();
    each(&[301, 302, 303, 307, 308], |status| {
        for location in [target.url(), "/elsewhere".to_owned()] {
            let agent = agent_with(Answer::text(*status, "").header("Location", &location));
            Epicac::asking(&agent)
                .run()
                .fails_with(&[&status.to_string()]);
            assert_eq!(agent.requests().len(), 1);
        }
    });
    assert_eq!(target.connections(), 0);
}

#[test]
fn proxy_variables_are_ignored() {
    let proxy = generous_agent();
    let agent = generous_agent();
    let mut epicac = Epicac::asking(&agent);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        epicac = epicac.var(name, format!("http://{}", proxy.address()));
    }
    epicac
        .var("NO_PROXY", "")
        .var("no_proxy", "")
        .run()
        .succeeds();
    assert_eq!((agent.requests().len(), proxy.connections()), (1, 0));
}

#[test]
fn a_cookie_is_not_kept_for_the_next_attempt() {
    let agent = Agent::start().unwrap();
    agent.script([
        Answer::text(503, "").header("Set-Cookie", "a=b"),
        Answer::json(&valid()),
    ]);
    Epicac::asking(&agent).run().succeeds();
    assert_eq!(agent.requests()[1].header("Cookie"), None);
}

#[test]
fn connecting_takes_two_seconds_an_attempt_at_most() {
    let Some(listener) = StalledListener::start().unwrap() else {
        epicac_tests::require::skipped("a full backlog does not stall a connection here");
        return;
    };
    let uri = format!("http://{}/", listener.address().unwrap());
    let outcome = Epicac::new().full_uri(uri).run();
    outcome.fails_with(&[]);
    // Three times 2 s, and at least 1 and 2 s between them.
    let (three, budget) = (Duration::from_secs(9), Duration::from_secs(14));
    assert!(
        (three..budget).contains(&outcome.took),
        "took {:?}",
        outcome.took
    );
}

#[test]
fn a_hundred_at_once_all_succeed() {
    let agent = generous_agent();
    let documents = std::thread::scope(|scope| {
        let run = || Epicac::asking(&agent).token("a-token").run().succeeds();
        let runs: Vec<_> = (0..100).map(|_| scope.spawn(run)).collect();
        runs.into_iter()
            .map(|run| run.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(documents.iter().all(|document| *document == documents[0]));
    assert_eq!(agent.requests().len(), 100);
}
