//! Tests of the policy: what a policy is, what goes beyond one, and the messages about it.

mod beyond;
mod needed;
mod read;
mod table;

use super::*;
use crate::grants::{Grants, Roles};
use crate::wall::Layer;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_tests::rows;
use serde_json::Value;

const EKS: &str = "http://169.254.170.23/v1/credentials";
const ROLE: &str = "--role-arn=arn:aws:iam::111111111111:role/a";

/// A policy that grants everything there is to grant, but for roles.
const GOOD: &str = r#"{
  "version": 1,
  "component": {
    "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "imports": ["wasi:io/poll@0.2.0#poll", "wasi:io/streams@0.2.0#[method]input-stream.read"]
  },
  "environment": ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
  "token_file": "/var/run/token",
  "endpoint": {
    "method": "GET", "scheme": "http", "host": "[fd00:ec2::23]", "port": 80,
    "path": "/v1/credentials"
  },
  "limits": {
    "deadline_ms": 1, "fuel": 2, "memory_bytes": 3, "table_elements": 4, "resources": 5,
    "requests": 6, "header_bytes": 7
  },
  "wall": ["files"]
}
"#;

fn parse(json: &str) -> Result<Policy, String> {
    Policy::parse(json.as_bytes()).map_err(|error| error.to_string())
}

/// The grants of these words: `NAME=value` is a variable, four of which are shortened, and `--name=value` an option.
fn asking(words: &str) -> Grants {
    let (options, variables): (Vec<_>, Vec<_>) =
        words.split(' ').partition(|word| word.starts_with("--"));
    let variables = variables.into_iter().filter_map(|word| {
        let (name, value) = word.split_once('=')?;
        let name = match name {
            "URI" => FULL_URI,
            "PATH" => RELATIVE_URI,
            "FILE" => TOKEN_FILE,
            "TOKEN" => TOKEN,
            name => name,
        };
        Some((name.to_owned(), value.to_owned()))
    });
    let variables: Vec<_> = variables.collect();
    let grants = Grants::from_variables(variables.iter().cloned());
    if options.is_empty() {
        return grants;
    }
    let region = ("AWS_REGION".to_owned(), "eu-central-1".to_owned());
    let roles = Roles::from_variables(options, variables.into_iter().chain([region]));
    grants.with_roles(roles.unwrap())
}

fn needed(words: &str) -> Policy {
    Policy::effective(&asking(words)).unwrap()
}

/// What is told of `needed` under `granted`.
fn beyond(granted: &Policy, needed: &Policy) -> Vec<String> {
    let errors = granted.beyond(needed).into_iter();
    errors.map(|it| it.to_string()).collect()
}

/// Holds when exactly one rule is broken, and the error begins and ends so.
#[track_caller]
fn goes_beyond(granted: &Policy, needed: &Policy, rule: &str, line: &str) {
    let errors = beyond(granted, needed);
    let [error] = errors.as_slice() else {
        panic!("not one error: {errors:?}");
    };
    let is_told = error.starts_with(&format!("beyond the policy: {rule}: "))
        && error.ends_with(&format!(" is {line})"));
    assert!(is_told, "expected {rule} and {line} in {error}");
}

/// What is served at this address, with the token in this file, for this group.
fn served(listen: &str, token_file: &str, group: bool) -> ServeRule {
    ServeRule::new(listen.parse().unwrap(), token_file.as_ref(), group).unwrap()
}
