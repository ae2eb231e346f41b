//! What is sent: `behaviour.md` §3.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::Secret;
use epicac_component::Token;
use epicac_component::request::{USER_AGENT, headers};

#[test]
fn the_token_goes_out_verbatim() {
    let token = Token::from_variable(&Secret::new("Bearer a.b.c ")).unwrap();
    let sent = headers(Some(&token));
    assert_eq!(
        sent.last(),
        Some(&("authorization".into(), b"Bearer a.b.c ".to_vec()))
    );
}

#[test]
fn without_a_token_there_is_no_authorization() {
    let names: Vec<_> = headers(None).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["accept", "user-agent"]);
}

#[test]
fn the_user_agent_is_name_and_version() {
    assert!(USER_AGENT.starts_with("epicac/") && USER_AGENT.contains('.'));
}
