//! Which variables are read: `behaviour.md` §1.

use epicac_component::Environment;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::from_variables(variables.iter().map(|&(n, v)| (n, v.to_owned())))
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let empty = [
        (RELATIVE_URI, ""),
        (FULL_URI, ""),
        (TOKEN_FILE, ""),
        (TOKEN, ""),
    ];
    assert_eq!(environment(&empty), Environment::default());
}

#[test]
fn no_other_variable_is_consulted() {
    let others = [
        ("AWS_PROFILE", "dest_role"),
        ("AWS_CONFIG_FILE", "/etc/aws"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("HTTP_PROXY", "http://proxy"),
        ("aws_container_credentials_full_uri", "http://127.0.0.1/"),
    ];
    assert_eq!(environment(&others), Environment::default());
}

#[test]
fn the_first_of_two_counts() {
    let twice = environment(&[(FULL_URI, "first"), (FULL_URI, "second")]);
    assert_eq!(twice.full_uri.as_deref(), Some("first"));
}

#[test]
fn the_token_is_not_shown() {
    let shown = format!("{:?}", environment(&[(TOKEN, "hunter2")]));
    assert!(!shown.contains("hunter2"), "{shown}");
}
