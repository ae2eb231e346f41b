//! Tests of reading a policy: which files are accepted, and which are refused.

use super::*;

#[test]
fn what_is_left_out_is_not_granted() {
    let mut tree: Value = serde_json::from_str(GOOD).unwrap();
    tree["token_file"] = Value::Null;
    for member in ["environment", "endpoint", "wall"] {
        tree.as_object_mut().unwrap().remove(member);
    }
    let policy = parse(&tree.to_string()).unwrap();
    assert_eq!((policy.environment.len(), policy.wall.len()), (0, 0));
    assert_eq!((policy.token_file, policy.endpoint), (None, None));
}

#[test]
fn a_policy_is_read_and_written_and_another_spelling_means_the_same() {
    for (from, to) in [
        ("[fd00:ec2::23]", "[FD00:0ec2:0::23]"),
        ("/var/run/token", "/var//run/./token"),
    ] {
        assert_eq!(parse(&GOOD.replace(from, to)), parse(GOOD), "{to}");
    }
    let policy = parse(GOOD).unwrap();
    assert_eq!(parse(&policy.to_json()), Ok(policy));
}

/// What of `GOOD` is replaced, by what, and a part of the error.
const REFUSED: &str = r#"
"version": 1 | "version": 2, "new": 1 | line 2, column 14: version: version 2 is not known
"version": 1 | "version": "1" | line 2, column 16: version: invalid type: string
"version": 1, | | : missing field `version`
"version": 1, | "version": 1, "x": 1, | line 2, column 19: x: unknown field `x`
"version": 1, | "version": 1, "bounds": {}, | unknown field `bounds`
"version": 1, | "version": 1, "version": 1, | : duplicate field `version`
"version": 1, | "version": 1, "roles": [[], [], [], 1], | roles.3: no session has this duration
"port": 80 | "port": 80, "x": 1 | endpoint.x: unknown field `x`
"port": 80, | "port": 80, "port": 80, | endpoint: duplicate field `port`
"port": 80, | | endpoint: missing field `port`
"port": 80 | "port": 0 | endpoint.port: invalid value: integer `0`
"port": 80 | "port": "80" | (write a number from 1 to 65535)
"fuel": 2 | "fuel": 2, "x": 1 | limits.x: unknown field `x`
"fuel": 2 | "fuel": 0 | line 14, column 31: limits.fuel: a limit of 0 stops every run
"fuel": 2 | "fuel": -1 | limits.fuel: invalid value: integer `-1`
"fuel": 2 | "fuel": 1e3 | limits.fuel: invalid type: floating point
"deadline_ms": 1 | "deadline_ms": "1" | limits.deadline_ms: invalid type: string
"deadline_ms": 1 | "deadline_ms": 0 | limits.deadline_ms: a limit of 0 stops every run
"memory_bytes": 3 | "memory_bytes": 0 | limits.memory_bytes: a limit of 0 stops every run
"table_elements": 4 | "table_elements": 0 | limits.table_elements: a limit of 0 stops every run
"resources": 5 | "resources": 0 | limits.resources: a limit of 0 stops every run
"requests": 6 | "requests": 0 | limits.requests: a limit of 0 stops every run
"header_bytes": 7 | "header_bytes": 0 | limits.header_bytes: a limit of 0 stops every run
"sha256" | "x": 1, "sha256" | component.x: unknown field `x`
#poll", | #poll", "wasi:io/poll@0.2.0#poll", | component.imports: this comes twice
"AWS_CONTAINER_CREDENTIALS_FULL_URI" | "PATH" | environment.0: the component reads no variable
"AWS_CONTAINER_CREDENTIALS_FULL_URI" | "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" | environment: this comes twice
"/var/run/token" | "token" | token_file: this is not the absolute path
"/var/run/token" | "/var/*" | token_file: a * can be no more than
"/var/run/token" | "/a\u0000b" | token_file: this is not the absolute path
"GET" | "POST" | endpoint.method: unknown variant `POST`, expected `GET`
[fd00:ec2::23] | | line 10, column 49: endpoint.host: this is no host
[fd00:ec2::23] | 127.0.0.1:80 | endpoint.host: this is no host
[fd00:ec2::23] | 127.0.0.1/x | endpoint.host: this is no host
[fd00:ec2::23] | u@127.0.0.1 | endpoint.host: this is no host
[fd00:ec2::23] | 169.254.170.* | endpoint.host: this is no host
[fd00:ec2::23] | 169.254.169.254 | endpoint.host: this endpoint's host is never asked over http
[fd00:ec2::23] | example.com | endpoint.host: this endpoint's host is never asked over http
"/v1/credentials" | "/v1#x" | endpoint.path: this is no path and query
["files"] | ["udp"] | wall.0: unknown variant `udp`
["files"] | ["files", "tcp", "files"] | wall: this comes twice
["files"] | {"files": "required"} | wall: invalid type: map
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 60}, "limits": { | roles.max_duration_seconds: no session has this duration
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 899}, "limits": { | roles.max_duration_seconds: no session has this duration
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 43201}, "limits": { | roles.max_duration_seconds: no session has this duration
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 900, "parameters": ["Tags", "Tags"]}, "limits": { | roles.parameters: this comes twice
"limits": { | "roles": {"arns": [], "sts": ["https://a", "https://a"], "max_duration_seconds": 900}, "limits": { | roles.sts: this comes twice
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 900, "proxy": "http://u@p:1"}, "limits": { | roles.proxy: this is no proxy
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 900, "session_policy": "maybe"}, "limits": { | roles.session_policy: unknown
"limits": { | "roles": {"arns": ["arn:aws:iam::1:role/x"], "sts": [], "max_duration_seconds": 900}, "limits": { | roles.arns.0: this is not the ARN
"limits": { | "roles": {"arns": [], "sts": ["http://sts.example"], "max_duration_seconds": 900}, "limits": { | roles.sts.0: STS cannot be asked
"limits": { | "roles": {"arns": [], "sts": ["http://169.254.170.23"], "max_duration_seconds": 900}, "limits": { | roles.sts.0: STS cannot be asked
"limits": { | "roles": {"arns": [], "sts": ["https://sts.example/x"], "max_duration_seconds": 900}, "limits": { | roles.sts.0: STS cannot be asked
"limits": { | "serve": {"token_file": "/t"}, "limits": { | serve: missing field `listen`
"limits": { | "serve": {"listen": "127.0.0.1:1", "token_file": "/t", "x": 1}, "limits": { | serve.x: unknown field `x`
"limits": { | "serve": {"listen": "0.0.0.0:1", "token_file": "/t"}, "limits": { | serve.listen: only this machine may ask
"limits": { | "serve": {"listen": "[::]:1", "token_file": "/t"}, "limits": { | serve.listen: only this machine may ask
"limits": { | "serve": {"listen": "localhost:1", "token_file": "/t"}, "limits": { | serve.listen: this is not an IP address and a port
"limits": { | "serve": {"listen": "127.0.0.1:1", "token_file": "t"}, "limits": { | serve.token_file: this is not the absolute path
"limits": { | "serve": {"listen": "127.0.0.1:1", "token_file": "/t", "token_group": 7}, "limits": { | serve.token_group: invalid type: integer
"AWS_CONTAINER_CREDENTIALS_FULL_URI", | | policy: endpoint: an endpoint is granted, but no variable
CREDENTIALS_FULL_URI | CREDENTIALS_RELATIVE_URI | policy: endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone
"port": 80, | "port": 80, "ca_bundle": "/etc/bundle.pem", | endpoint.ca_bundle: a CA bundle is granted
, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" | | policy: token_file: a token file is granted
"environment": [ | "environment": ["AWS_REGION", | environment: a variable is granted that is read for roles alone
"wall": ["files"] | "wall": ["files"] ] | line 17, column 21: expected `,` or `}`
"#;

#[test]
fn what_is_no_policy_is_refused_with_its_member_and_a_remedy() {
    let changed = rows(REFUSED).map(|[from, to, part]| {
        assert!(GOOD.contains(from), "{from}");
        (GOOD.replacen(from, to, 1), part)
    });
    let others = [
        (
            "1",
            "line 1, column 1: invalid type: integer `1`, expected an object",
        ),
        (
            "[]",
            "line 1, column 2: invalid length 0, expected an object",
        ),
        ("", "line 1, column 1: EOF"),
        (
            &format!("{GOOD}{{}}"),
            "line 19, column 1: trailing characters",
        ),
    ];
    let others = others.map(|(json, part)| (json.to_owned(), part));
    for (json, part) in changed.chain(others) {
        let line = parse(&json).unwrap_err();
        let is_told = line.contains(part) && line.starts_with("invalid policy: ");
        let has_remedy = line.contains(" (") && line.ends_with(')');
        assert!(is_told && has_remedy, "expected {part:?} in {line:?}");
    }
}

#[test]
fn size_and_depth_are_limited() {
    assert!(parse(&format!("{{\"version\": {}", "[".repeat(60_000))).is_err());
    let padded = |bytes: usize| format!("{GOOD}{}", " ".repeat(bytes - GOOD.len()));
    assert!(parse(&padded(MAX_BYTES)).is_ok());
    let refused = parse(&padded(MAX_BYTES + 1)).unwrap_err();
    assert!(refused.contains("more than 65536 bytes"), "{refused}");
}

#[test]
fn what_is_quoted_of_the_file_is_one_short_line() {
    for long in [")".repeat(9_000), "\\n\\u001b`".repeat(900)] {
        for (from, to) in [("GET", &long), ("\"fuel\"", &format!("\"{long}\""))] {
            let line = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(line.len() < 2_000 && !line.contains(char::is_control));
            assert!(line.ends_with("policy`)") || line.ends_with("\"GET\")"));
        }
    }
}

/// A path, and one that it does not grant.
const PATHS: &str = "
/v1/credentials | /v1/credentials/
/v1/credentials | /v1/credentials?
/v1/credentials | /v1/../v1/credentials
/a?b&c | /a?c&b
/ | //
";

#[test]
fn a_path_is_compared_to_the_letter_but_for_a_last_segment_that_may_be_any() {
    let rule = |text: &str| text.parse::<PathRule>();
    for [path, other] in rows(PATHS) {
        let rule = rule(path).unwrap();
        assert!(rule.grants(path) && !rule.grants(other), "{other}");
    }
    let any = rule("/v2/credentials/*").unwrap();
    assert!(any.grants("/v2/credentials/0b6e-_.~9"));
    for segment in " a/b a?b . .. %2e%2e a%2Fb a;b *".split(' ') {
        let path = format!("/v2/credentials/{segment}");
        assert!(!any.grants(&path), "{path}");
    }
    let wrong = " * /* //* /v1* /*/a /a/*/* /a/*?b /a?b=* /a?b/* v1 /a\tb /a#b /ü http://h/ /{any}";
    for text in wrong.split(' ') {
        assert!(rule(text).is_err(), "{text}");
    }
}

#[test]
fn only_addresses_of_the_loopback_interface_are_listened_on() {
    let is_loopback = |text: &str| text.parse::<LoopbackAddress>().is_ok();
    for address in "127.0.0.1:1 127.255.0.1:8470 [::1]:8470".split(' ') {
        assert!(is_loopback(address), "{address}");
    }
    let zoned: LoopbackAddress = "[::1%1]:8470".parse().unwrap();
    assert_eq!(std::net::SocketAddr::from(zoned).to_string(), "[::1]:8470");
    let wrong = "0.0.0.0:8470 [::]:8470 10.0.0.1:8470 169.254.170.23:80 [::ffff:127.0.0.1]:8470 localhost:8470 127.0.0.1 8470";
    for address in wrong.split(' ') {
        assert!(!is_loopback(address), "{address}");
    }
}
