//! What is no policy: each flaw with its place and a remedy.

use super::tests::GOOD;
use crate::policy::Policy;

/// How the policy is refused in which `from` is replaced.
fn refused(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let json = GOOD.replacen(from, to, 1);
    match Policy::parse(json.as_bytes()) {
        Err(flaw) => flaw.to_string(),
        Ok(_) => panic!("accepted with {to}"),
    }
}

#[test]
fn every_flaw_has_its_place_and_a_remedy() {
    let mut failures = Vec::new();
    for (from, to, parts) in [
        // Not JSON.
        (GOOD, "", "line 1, column 1: EOF"),
        (
            GOOD,
            "[]",
            "line 1, column 1: invalid type: sequence, expected an object",
        ),
        (
            GOOD,
            "null",
            "line 1, column 4: invalid type: null, expected an object",
        ),
        (GOOD, "\u{feff}{}", "line 1, column 1: expected value"),
        (
            "\"version\": 1,",
            "version: 1",
            "line 2, column 3: key must be a string",
        ),
        (
            "}\n}\n",
            "}\n}\n{}",
            "line 18, column 1: trailing characters",
        ),
        ("}\n}\n", "}\n", "line 17, column 1: EOF"),
        // Roles.
        (
            "\"limits\": {",
            "\"roles\": {\"arns\": [\"arn:aws:iam::1:role/x\"]}, \"limits\": {",
            "`arn:aws:iam::1:role/x` is not the ARN of a role",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"arns\": [], \"sts\": [\"http://sts.example\"]}, \"limits\": {",
            "STS cannot be asked at `http://sts.example`",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"arns\": [], \"sts\": [\"https://STS.example:443\"]}, \"limits\": {",
            "another spelling (write \"https://sts.example\")",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"arns\": [], \"sts\": [\"https://sts.example/x\"]}, \"limits\": {",
            "STS cannot be asked at",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"max_duration_seconds\": 60}, \"limits\": {",
            "no session has 60 seconds",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"session_policy\": \"maybe\"}, \"limits\": {",
            "`maybe` says nothing of a session policy",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"proxy\": \"http://user@proxy.example:3128\"}, \"limits\": {",
            "is no proxy",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"parameters\": [\"Tags\", \"Tags\"]}, \"limits\": {",
            "`Tags` comes twice",
        ),
        (
            "\"limits\": {",
            "\"roles\": {\"arns\": [], \"sts\": []}, \"limits\": {",
            "missing field `max_duration_seconds`",
        ),
        (
            "\"environment\": [",
            "\"environment\": [\"AWS_REGION\", ",
            "a variable is granted that is read for roles alone",
        ),
        // The wall and the bounds.
        (
            "\"limits\": {",
            "\"wall\": {\"tcp\": \"on\"}, \"limits\": {",
            "line 13, column 22: `on` says nothing of a layer",
        ),
        (
            "\"limits\": {",
            "\"wall\": {\"udp\": \"required\"}, \"limits\": {",
            "unknown field `udp`",
        ),
        (
            "\"limits\": {",
            "\"wall\": [], \"limits\": {",
            "invalid type: sequence, expected an object",
        ),
        (
            "\"limits\": {",
            "\"bounds\": {\"handles\": 1}, \"limits\": {",
            "missing field `connect_ms`",
        ),
        // Another version.
        (
            "\"version\": 1",
            "\"version\": 2",
            "line 2, column 14: version 2 is not known",
        ),
        (
            "\"version\": 1,",
            "\"version\": 2, \"new\": [],",
            "version 2 is not known",
        ),
        (
            "\"version\": 1",
            "\"version\": \"1\"",
            "line 2, column 16: invalid type: string",
        ),
        (
            "\"version\": 1",
            "\"version\": 1.0",
            "invalid type: floating point",
        ),
        ("\"version\": 1,", "", "missing field `version`"),
        // Unknown, missing and repeated members.
        (
            "\"version\": 1,",
            "\"version\": 1, \"x\": 1,",
            "line 2, column 19: unknown field `x`, expected one of",
        ),
        (
            "\"port\": 80,",
            "\"port\": 80, \"x\": 1,",
            "unknown field `x`",
        ),
        (
            "\"fuel\": 2,",
            "\"fuel\": 2, \"x\": 1,",
            "unknown field `x`",
        ),
        ("\"sha256\"", "\"x\": 1, \"sha256\"", "unknown field `x`"),
        (
            "\"version\": 1,",
            "\"version\": 1, \"version\": 1,",
            "duplicate field `version`",
        ),
        (
            "\"port\": 80,",
            "\"port\": 80, \"port\": 80,",
            "duplicate field `port`",
        ),
        ("\"port\": 80,", "", "missing field `port`"),
        ("\"fuel\": 2,", "", "missing field `fuel`"),
        // Arrays for objects.
        (GOOD, "[1, {}, [], null, null, {}]", "expected an object"),
        (
            "\"version\": 1,",
            "\"version\": 1, \"endpoint\": [\"GET\", \"http\", \"localhost\", 80, \"/\"],",
            "expected an object",
        ),
        // The component.
        (
            "\"0123",
            "\"0123ABCD",
            "line 4, column 84: this is no SHA-256",
        ),
        ("abcdef\"", "abcdeF\"", "this is no SHA-256"),
        (
            "\"wasi:io/poll@0.2.0#poll\"",
            "\"\"",
            "line 5, column 18: `` is no imported function",
        ),
        (
            "\"wasi:io/poll@0.2.0#poll\"",
            "\"wasi:io/poll@0.2.0#*\"",
            "is no imported function",
        ),
        (
            "\"wasi:io/poll@0.2.0#poll\"",
            "\"*\"",
            "is no imported function",
        ),
        (
            "\"wasi:io/poll@0.2.0#poll\"",
            "\"wasi:io/poll@0.2.0\"",
            "is no imported function",
        ),
        (
            "#poll\",",
            "#poll\", \"wasi:io/poll@0.2.0#poll\",",
            "line 5, column 68: `wasi:io/poll@0.2.0#poll` comes twice",
        ),
        // The environment.
        (
            "\"AWS_CONTAINER_CREDENTIALS_FULL_URI\"",
            "\"PATH\"",
            "line 7, column 24: unknown variant `PATH`, expected one of",
        ),
        (
            "\"AWS_CONTAINER_CREDENTIALS_FULL_URI\"",
            "\"AWS_CONTAINER_*\"",
            "unknown variant",
        ),
        (
            "\"AWS_CONTAINER_CREDENTIALS_FULL_URI\"",
            "\"\"",
            "unknown variant",
        ),
        (
            "\"AWS_CONTAINER_CREDENTIALS_FULL_URI\"",
            "\"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"",
            "comes twice",
        ),
        // The token file.
        (
            "\"/var/run/token\"",
            "\"\"",
            "line 8, column 18: `` is not the absolute path",
        ),
        (
            "\"/var/run/token\"",
            "\"token\"",
            "is not the absolute path",
        ),
        (
            "\"/var/run/token\"",
            "\"*\"",
            "a wildcard that there is not",
        ),
        (
            "\"/var/run/token\"",
            "\"/*\"",
            "a wildcard that there is not",
        ),
        (
            "\"/var/run/token\"",
            "\"/{any}\"",
            "a wildcard that there is not",
        ),
        (
            "\"/var/run/token\"",
            "\"/var//run/./token\"",
            "write \"/var/run/token\"",
        ),
        (
            "\"/var/run/token\"",
            "\"/a\\u0000b\"",
            "is not the absolute path",
        ),
        // The endpoint.
        (
            "\"GET\"",
            "\"POST\"",
            "line 10, column 20: the method `POST` cannot be granted",
        ),
        ("\"GET\"", "\"*\"", "the method `*` cannot be granted"),
        ("\"GET\"", "\"get\"", "the method `get` cannot be granted"),
        (
            "\"http\"",
            "\"ftp\"",
            "line 10, column 36: the scheme `ftp` cannot be granted",
        ),
        (
            "\"http\"",
            "\"HTTPS\"",
            "the scheme `HTTPS` cannot be granted",
        ),
        (
            "\"[fd00:ec2::23]\"",
            "\"*\"",
            "line 10, column 50: `*` is no host",
        ),
        ("\"[fd00:ec2::23]\"", "\"\"", "`` is no host"),
        ("\"[fd00:ec2::23]\"", "\"127.0.0.1:80\"", "is no host"),
        ("\"[fd00:ec2::23]\"", "\"127.0.0.1/x\"", "is no host"),
        ("\"[fd00:ec2::23]\"", "\"u@127.0.0.1\"", "is no host"),
        ("\"[fd00:ec2::23]\"", "\"169.254.170.*\"", "is no host"),
        (
            "\"[fd00:ec2::23]\"",
            "\"[FD00:ec2::23]\"",
            "write \"[fd00:ec2::23]\"",
        ),
        ("\"[fd00:ec2::23]\"", "\"LOCALHOST\"", "write \"localhost\""),
        (
            "\"[fd00:ec2::23]\"",
            "\"169.254.169.254\"",
            "line 9, column 12: this endpoint's host is never asked over http",
        ),
        (
            "\"[fd00:ec2::23]\"",
            "\"example.com\"",
            "is never asked over http",
        ),
        (
            "\"port\": 80",
            "\"port\": 0",
            "line 10, column 74: invalid value: integer `0`",
        ),
        (
            "\"port\": 80",
            "\"port\": 65536",
            "invalid value: integer `65536`",
        ),
        ("\"port\": 80", "\"port\": \"80\"", "invalid type: string"),
        ("\"port\": 80", "\"port\": null", "invalid type: null"),
        (
            "\"/v1/credentials\"",
            "\"/*\"",
            "line 11, column 16: `/*` holds a wildcard that there is not",
        ),
        (
            "\"/v1/credentials\"",
            "\"/{any}\"",
            "`/{any}` would match everything",
        ),
        ("\"/v1/credentials\"", "\"v1\"", "does not begin with /"),
        (
            "\"/v1/credentials\"",
            "\"/v1#x\"",
            "a character that a URI cannot hold",
        ),
        // The limits.
        (
            "\"fuel\": 2",
            "\"fuel\": 0",
            "line 14, column 31: invalid value: integer `0`",
        ),
        ("\"fuel\": 2", "\"fuel\": -1", "invalid value: integer `-1`"),
        (
            "\"fuel\": 2",
            "\"fuel\": 1e3",
            "invalid type: floating point",
        ),
        (
            "\"fuel\": 2",
            "\"fuel\": 99999999999999999999",
            "invalid type: floating point",
        ),
        // Contradictions.
        (
            "\"AWS_CONTAINER_CREDENTIALS_FULL_URI\", ",
            "",
            "line 9, column 12: an endpoint is granted, but no variable",
        ),
        (
            "CREDENTIALS_FULL_URI",
            "CREDENTIALS_RELATIVE_URI",
            "line 9, column 12: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone",
        ),
        (
            "\"port\": 80,",
            "\"port\": 80, \"ca_bundle\": \"/etc/bundle.pem\",",
            "line 9, column 12: a CA bundle is granted for an endpoint that is asked over http",
        ),
        (
            "\"port\": 80,",
            "\"port\": 80, \"ca_bundle\": \"bundle.pem\",",
            "`bundle.pem` is not the absolute path",
        ),
        (
            ", \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"",
            "",
            "line 8, column 14: a token file is granted, but not the variable",
        ),
    ] {
        let line = refused(from, to);
        let is_told = line.contains(parts) && line.starts_with("line ");
        if !is_told || !line.contains(" (") || !line.ends_with(')') {
            failures.push(format!("expected {parts:?} in {line:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_quoted_of_the_file_is_one_short_line() {
    let long = format!("\"{}\\n\\u001b\": 1, \"version\": 1,", "x".repeat(9_000));
    for line in [
        refused("\"version\": 1,", &long),
        refused("\"GET\"", &format!("\"{}\\n\"", "x".repeat(9_000))),
    ] {
        assert!(
            line.len() < 1_000 && !line.contains(char::is_control),
            "{line}"
        );
        assert!(line.ends_with(')'), "{line}");
    }
}

/// Found by the fuzz target: the remedy was left out where the quoted text, cut short, ended like one.
#[test]
fn what_is_quoted_of_the_file_cannot_stand_for_the_remedy() {
    for text in [")".repeat(600), "x (y)".to_owned()] {
        let line = refused("\"fuel\": 2", &format!("\"fuel\": \"{text}\""));
        assert!(
            line.ends_with(" (compare it with the output of `epicac policy`)"),
            "{line}"
        );
        let line = refused("\"fuel\": 2", &format!("\"{text}\": 2"));
        assert!(
            line.ends_with(" (compare it with the output of `epicac policy`)"),
            "{line}"
        );
    }
}
