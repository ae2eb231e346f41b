//! Tests of the policy: what a policy is, what goes beyond one, and the messages about it.

mod beyond;
mod needed;
mod read;
mod table;

use super::model::{Parameter, SessionPolicy};
use super::values::PathRule;
use super::*;
use crate::grants::{Grants, Roles};
use crate::wall::{Layer, Wall};
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_tests::rows;
use serde_json::Value;

const EKS: &str = "http://169.254.170.23/v1/credentials";
const SERVE: &str = r#"/serve={"listen":"[::1]:1","token_file":"/t","token_group":true}"#;

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
    let words = words.replace("ROLE=", "--role-arn=arn:aws:iam::111111111111:role/");
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
    let grants = Grants::from_variables(variables.clone());
    if options.is_empty() {
        return grants;
    }
    let region = ("AWS_REGION".to_owned(), "eu-central-1".to_owned());
    let roles = Roles::from_variables(options, variables.chain([region]));
    grants.with_roles(roles.unwrap())
}

/// What is needed with these grants. `/pointer=json` is another value of a member, and `SERVE` a server.
fn needed(words: &str) -> Policy {
    let mut tree = Policy::effective(&asking(words)).unwrap().to_tree();
    let words = words.replace("SERVE", SERVE);
    for word in words.split(' ').filter(|word| word.starts_with('/')) {
        let (pointer, value) = word.split_once('=').unwrap();
        *tree.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
    }
    parse(&tree.to_string()).unwrap()
}

/// The errors for a run with these needs under `granted`. Its wall has the layers of `needed`.
fn beyond(granted: &Policy, needed: &Policy) -> Vec<String> {
    let errors = granted.beyond(needed, &Wall::of(needed.wall.clone()));
    errors.iter().map(PolicyError::to_string).collect()
}
