//! What is a policy and what is none, what goes beyond one, and what is said of it.

use super::effective::ungrantable;
use super::parse::invalid;
use super::rules::{RULES, name};
use super::*;
use crate::FileError;
use crate::grants::{Grants, Roles};
use crate::limits::Limit;
use crate::wall::Layer;
use epicac_component::Told;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use proptest::prelude::*;
use serde_json::Value;
use std::io::ErrorKind;

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

/// A table: the cells of its lines, apart by `|`.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        cells.try_into().unwrap()
    })
}

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

// What is read.

#[test]
fn what_is_left_out_is_not_granted() {
    let json = GOOD
        .replace(r#""token_file": "/var/run/token","#, r#""token_file": null,"#)
        .replace(r#""environment": ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],"#, "")
        .replace(",\n  \"wall\": [\"files\"]", "");
    let (start, end) = (json.find(r#""endpoint""#), json.find(r#""limits""#));
    let policy = parse(&[&json[..start.unwrap()], &json[end.unwrap()..]].concat()).unwrap();
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

/// What of `GOOD` is replaced, by what, and what is told then.
const REFUSED: &str = r#"
"version": 1 | "version": 2, "new": 1 | line 2, column 14: version: version 2 is not known
"version": 1 | "version": "1" | line 2, column 14: version: invalid type: string
"version": 1, | | line 1, column 1: missing field `version`
"version": 1, | "version": 1, "x": 1, | line 2, column 22: x: unknown field `x`
"version": 1, | "version": 1, "bounds": {}, | unknown field `bounds`
"version": 1, | "version": 1, "version": 1, | line 1, column 1: duplicate field `version`
"version": 1, | "version": 1, "roles": [[], [], [], 900], | line 2, column 26: roles: an array stands
"port": 80 | "port": 80, "x": 1 | line 10, column 83: endpoint.x: unknown field `x`
"port": 80, | "port": 80, "port": 80, | line 9, column 15: endpoint: duplicate field `port`
"port": 80, | | line 9, column 15: endpoint: missing field `port`
"port": 80 | "port": 0 | endpoint.port: invalid value: integer `0`
"port": 80 | "port": "80" | (write a number from 1 to 65535)
"fuel": 2 | "fuel": 2, "x": 1 | limits.x: unknown field `x`
"fuel": 2 | "fuel": 0 | line 14, column 31: limits.fuel: no run gets by on nothing
"fuel": 2 | "fuel": -1 | limits.fuel: invalid value: integer `-1`
"fuel": 2 | "fuel": 1e3 | limits.fuel: invalid type: floating point
"deadline_ms": 1 | "deadline_ms": "1" | limits.deadline_ms: invalid type: string
"sha256" | "x": 1, "sha256" | component.x: unknown field `x`
#poll", | #poll", "wasi:io/poll@0.2.0#poll", | component.imports.1: this comes twice
"AWS_CONTAINER_CREDENTIALS_FULL_URI" | "PATH" | line 7, column 19: environment.0: the component reads no variable
"AWS_CONTAINER_CREDENTIALS_FULL_URI" | "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" | environment.1: this comes twice
"/var/run/token" | "token" | line 8, column 17: token_file: this is not the absolute path
"/var/run/token" | "/var/*" | token_file: a * can be no more than
"/var/run/token" | "/a\u0000b" | token_file: this is not the absolute path
"GET" | "POST" | line 10, column 15: endpoint.method: unknown variant `POST`, expected `GET`
"http" | "ftp" | line 10, column 32: endpoint.scheme: unknown variant `ftp`
[fd00:ec2::23] | * | endpoint.host: this is no host
[fd00:ec2::23] | | line 10, column 48: endpoint.host: this is no host
[fd00:ec2::23] | 127.0.0.1:80 | endpoint.host: this is no host
[fd00:ec2::23] | 127.0.0.1/x | endpoint.host: this is no host
[fd00:ec2::23] | u@127.0.0.1 | endpoint.host: this is no host
[fd00:ec2::23] | 169.254.170.* | endpoint.host: this is no host
[fd00:ec2::23] | 169.254.169.254 | endpoint.host: this endpoint's host is never asked over http
[fd00:ec2::23] | example.com | endpoint.host: this endpoint's host is never asked over http
"/v1/credentials" | "/*" | line 11, column 13: endpoint.path: a * can be no more than
"/v1/credentials" | "/v1#x" | endpoint.path: this is no path and query
["files"] | ["udp"] | line 17, column 12: wall.0: unknown variant `udp`
["files"] | {"files": "required"} | wall: invalid type: map
"limits": { | "roles": {"arns": [], "sts": [], "max_duration_seconds": 60}, "limits": { | roles.max_duration_seconds: no session is as long
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
"AWS_CONTAINER_CREDENTIALS_FULL_URI", | | line 9, column 15: endpoint: an endpoint is granted, but no variable
CREDENTIALS_FULL_URI | CREDENTIALS_RELATIVE_URI | line 9, column 15: endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone
"port": 80, | "port": 80, "ca_bundle": "/etc/bundle.pem", | endpoint.ca_bundle: a CA bundle is granted
, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" | | line 8, column 17: token_file: a token file is granted
"environment": [ | "environment": ["AWS_REGION", | environment: a variable is granted that is read for roles alone
"#;

#[test]
fn what_is_no_policy_is_refused_with_its_place_and_a_remedy() {
    let changed = rows(REFUSED).map(|[from, to, said]| {
        assert!(GOOD.contains(from), "{from}");
        (GOOD.replacen(from, to, 1), said)
    });
    let whole = [
        ("", "line 1, column 1: EOF"),
        ("version = 1", "line 1, column 1: expected value"),
        ("[]", "line 1, column 1: an array stands where an object"),
        ("1", "invalid type: integer `1`, expected an object"),
    ];
    let whole = whole.map(|(json, said)| (json.to_owned(), said));
    let mut failures = Vec::new();
    for (json, said) in changed.chain(whole) {
        let line = parse(&json).unwrap_err();
        let is_told = line.contains(said) && line.starts_with("invalid policy: line ");
        if !is_told || !line.contains(" (") || !line.ends_with(')') {
            failures.push(format!("expected {said:?} in {line:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
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
    let rule = |text: &str| PathRule::try_from(text.to_owned());
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

// What an environment needs.

/// What is asked for, and what is needed then, by a pointer.
const NEEDED: &str = r#"
OTHER=x AWS_PROFILE=x | /environment | []
OTHER=x AWS_PROFILE=x | /token_file | null
TOKEN=t URI=http://localhost | /environment | ["AWS_CONTAINER_CREDENTIALS_FULL_URI","AWS_CONTAINER_AUTHORIZATION_TOKEN"]
FILE=/var/run//secrets/./token | /token_file | "/var/run/secrets/token"
URI=http://[FD00:ec2:0::23]/c?a | /endpoint | {"method":"GET","scheme":"http","host":"[fd00:ec2::23]","port":80,"path":"/c?a"}
URI=http://evil.example/ | /endpoint | null
URI=ftp://169.254.170.23/ | /endpoint | null
URI=garbage | /endpoint | null
URI=http://localhost/a AWS_CA_BUNDLE=/b | /endpoint/ca_bundle |
URI=https://Agent.example/a AWS_CA_BUNDLE=/etc//b | /endpoint/ca_bundle | "/etc/b"
URI=https://Agent.example/a | /endpoint/host | "agent.example"
URI=https://Agent.example/a | /endpoint/port | 443
--role-arn=arn:aws:iam::111111111111:role/a --duration=900 | /roles/max_duration_seconds | 900
--role-arn=arn:aws:iam::111111111111:role/a --policy-arn=arn:aws:iam::aws:policy/x | /roles/session_policy | "required"
"#;

#[test]
fn what_the_environment_names_is_needed() {
    for [words, pointer, expected] in rows(NEEDED) {
        let tree = needed(words).to_tree();
        let value = tree.pointer(pointer).map(Value::to_string);
        assert_eq!(value.unwrap_or_default(), expected, "{words} {pointer}");
    }
    let here = std::env::current_dir().unwrap().join("token");
    let relative = needed("FILE=token").token_file.unwrap();
    assert_eq!(relative.to_string(), here.to_str().unwrap());
}

#[test]
fn an_asterisk_cannot_be_granted_and_is_not_shown() {
    for words in ["PATH=/secret/*", "FILE=/secret*"] {
        let error = Policy::effective(&asking(words)).unwrap_err();
        assert_eq!(error.failure(), PolicyFailure::Ungrantable);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

fn environments() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = prop_oneof![
        Just(EKS.to_owned()),
        Just("http://169.254.170.23:81/v1/credentials".to_owned()),
        Just("HTTP://[fd00:0ec2::23]:80/a?b".to_owned()),
        Just("https://agent.example:443".to_owned()),
        "[^\0]{0,20}",
        "/[a-c*{]{0,3}",
    ];
    let name = proptest::sample::select(vec![RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN]);
    proptest::collection::vec((name.prop_map(str::to_owned), value), 0..4)
}

proptest! {
    #[test]
    fn what_is_printed_passes(variables in environments()) {
        let grants = Grants::from_variables(variables.clone());
        let Ok(needed) = Policy::effective(&grants) else {
            prop_assert!(variables.iter().any(|(_, value)| value.contains('*')));
            return Ok(());
        };
        let json = needed.to_json();
        prop_assert!(json.is_ascii());
        let read = parse(&json).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read, &needed);
        prop_assert!(read.admit(grants).is_ok());
    }

    #[test]
    fn what_goes_beyond_is_told_on_one_line(one in environments(), other in environments()) {
        let policy = |variables| Policy::effective(&Grants::from_variables(variables));
        let (Ok(granted), Ok(needed)) = (policy(one), policy(other)) else {
            return Ok(());
        };
        let errors = granted.beyond(&needed);
        // Exact policies grant each other's needs only where these are none, or the same.
        let is_within = needed.environment.iter().all(|it| granted.environment.contains(it))
            && (needed.token_file.is_none() || needed.token_file == granted.token_file)
            && (needed.endpoint.is_none() || needed.endpoint == granted.endpoint);
        prop_assert_eq!(errors.is_empty(), is_within);
        for error in errors {
            let line = error.to_string();
            prop_assert!(line.ends_with(')') && line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", line);
        }
    }

    #[test]
    fn what_is_read_is_written_as_what_reads_the_same(at in 0..GOOD.len() - 1, byte in any::<u8>()) {
        let mut json = GOOD.as_bytes().to_vec();
        json[at] = byte;
        if let Ok(policy) = Policy::parse(&json) {
            prop_assert_eq!(parse(&policy.to_json()), Ok(policy));
        }
        prop_assert!(Policy::parse(&GOOD.as_bytes()[..at]).is_err());
    }
}

// What goes beyond.

/// What is granted, what is needed, the rule that this breaks, and the line that would grant it.
const BEYOND: &str = r#"
URI=http://127.0.0.1/c FILE=/t TOKEN=t | | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=http://127.0.0.1:80/c | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=ftp://example.com/ TOKEN=other | |
FILE=/t | FILE=/t TOKEN=secret | environment | "AWS_CONTAINER_AUTHORIZATION_TOKEN"
FILE=/t | FILE=/ä | token_file | "token_file": "/\u00e4"
URI=garbage | URI=http://127.0.0.1/c | endpoint | "endpoint": {"method":"GET","scheme":"http","host":"127.0.0.1","port":80,"path":"/c"}
URI=http://127.0.0.1/c | URI=http://127.0.0.2/c | endpoint.host | "host": "127.0.0.2"
URI=http://127.0.0.1/c | URI=http://127.0.0.1:81/c | endpoint.port | "port": 81
URI=http://127.0.0.1/c | URI=http://127.0.0.1/c? | endpoint.path | "path": "/c?"
URI=http://localhost:1/c | URI=https://localhost:1/c | endpoint.scheme | "scheme": "https"
URI=https://a.example | URI=https://a.example AWS_CA_BUNDLE=/b | endpoint.ca_bundle | "ca_bundle": "/b"
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example | endpoint.ca_bundle | "ca_bundle": null
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example AWS_CA_BUNDLE=/b | |
--role-arn=ARN/a --external-id=an-id | | |
--role-arn=ARN/a --external-id=an-id | --role-arn=ARN/a --role-arn=ARN/a | |
--role-arn=ARN/a | --role-arn=ARN/b | roles.arns | "ARN/b"
--role-arn=ARN/a | --role-arn=ARN/a --region=us-west-2 | roles.sts | "https://sts.us-west-2.amazonaws.com"
--role-arn=ARN/a | --role-arn=ARN/a --tag=a=b | roles.parameters | "Tags"
--role-arn=ARN/a | --role-arn=ARN/a --duration=3601 | roles.max_duration_seconds | "max_duration_seconds": 3601
--role-arn=ARN/a | --role-arn=ARN/a HTTPS_PROXY=http://u:secret@p.example:1 | roles.proxy | "proxy": "http://p.example:1"
--role-arn=ARN/a | --role-arn=ARN/a AWS_CA_BUNDLE=/b | roles.ca_bundle | "ca_bundle": "/b"
"#;

#[test]
fn what_is_more_than_granted_names_its_rule_and_line() {
    let arn = |cell: &str| cell.replace("ARN/", "arn:aws:iam::111111111111:role/");
    for cells in rows::<4>(BEYOND) {
        let [granted, asked, rule, line] = cells.map(arn);
        let (granted, needed) = (needed(&granted), needed(&asked));
        match rule.as_str() {
            "" => assert_eq!(beyond(&granted, &needed), [""; 0], "{asked}"),
            rule => goes_beyond(&granted, &needed, rule, &line),
        }
    }
}

#[test]
fn roles_are_granted_as_a_whole_and_can_have_to_be_limited() {
    let granted = needed(ROLE);
    let mut other = granted.clone();
    other.roles.as_mut().unwrap().session_policy = SessionPolicy::Required;
    let line = r#""session_policy": "optional""#;
    goes_beyond(&other, &granted, "roles.session_policy", line);
    other.roles = None;
    let told = beyond(&other, &granted).concat();
    assert!(told.starts_with("beyond the policy: roles: ") && told.contains("role/a"));
}

/// What is served at this address, with the token in this file, for this group.
fn served(listen: &str, token_file: &str, group: bool) -> ServeRule {
    ServeRule::new(listen.parse().unwrap(), token_file.as_ref(), group).unwrap()
}

#[test]
fn serving_is_granted_as_a_whole_and_then_by_each_of_its_members() {
    let told = |granted: &Policy, needed: ServeRule| match granted.check_serve(needed) {
        Ok(()) => String::new(),
        Err(error) => error.to_string(),
    };
    let needed = served("[::1]:1", "/t", true);
    let nothing = told(&self::needed(""), needed.clone());
    for part in [
        "beyond the policy: serve: ",
        "`epicac policy serve`",
        r#""serve": {"listen":"[::1]:1","token_file":"/t","token_group":true})"#,
    ] {
        assert!(nothing.contains(part), "{part} in {nothing}");
    }
    let granted = Policy::effective_to_serve(&[asking("")], needed.clone()).unwrap();
    assert_eq!(parse(&granted.to_json()), Ok(granted.clone()));
    for (needed, rule, line) in [
        (needed.clone(), "", ""),
        (served("[0::1]:01", "/./t", false), "", ""),
        (served("[::1]:2", "/t", false), "listen", r#""[::1]:2""#),
        (
            served("127.0.0.1:1", "/t", false),
            "listen",
            r#""127.0.0.1:1""#,
        ),
        (served("[::1]:1", "/u", false), "token_file", r#""/u""#),
    ] {
        let told = told(&granted, needed);
        let (begin, end) = match rule {
            "" => (String::new(), String::new()),
            rule => (
                format!("beyond the policy: serve.{rule}: "),
                format!(" is \"{rule}\": {line})"),
            ),
        };
        assert!(told.starts_with(&begin) && told.ends_with(&end), "{told}");
        assert_eq!(told.is_empty(), rule.is_empty(), "{told}");
    }
    let mut private = granted.clone();
    private.serve.as_mut().unwrap().token_group = false;
    let told = told(&private, served("[::1]:1", "/t", true));
    assert!(told.ends_with(r#""token_group": true)"#), "{told}");
    // Who serves nothing is within a policy that grants it.
    assert_eq!(beyond(&granted, &self::needed("")), [""; 0]);
}

#[test]
fn what_is_printed_of_several_profiles_admits_each_of_them() {
    let profiles = [
        asking(&format!(
            "{ROLE} --tag=a=b --policy-arn=arn:aws:iam::aws:policy/x"
        )),
        asking("--role-arn=arn:aws:iam::111111111111:role/b --region=us-west-2 --duration=7200"),
    ];
    let serve = served("127.0.0.1:1", "/t", false);
    let policy = Policy::effective_to_serve(&profiles, serve.clone()).unwrap();
    let roles = policy.roles.as_ref().unwrap();
    assert_eq!((roles.arns.len(), roles.sts.len()), (2, 2));
    assert_eq!(roles.parameters, [Parameter::PolicyArns, Parameter::Tags]);
    assert_eq!(roles.max_duration_seconds, 7200);
    assert_eq!(roles.session_policy, SessionPolicy::Optional);
    for profile in profiles {
        assert!(policy.admit(profile).is_ok());
    }

    let bundle = "AWS_CA_BUNDLE=/b";
    let profiles = [
        asking(&format!("{ROLE} {bundle}")),
        asking(&format!(
            "{ROLE} {bundle} --sts-endpoint=http://localhost:1"
        )),
    ];
    let error = Policy::effective_to_serve(&profiles, serve).unwrap_err();
    assert_eq!(error.failure(), PolicyFailure::Ungrantable);
}

#[test]
fn another_component_is_not_the_pinned_one() {
    let this = needed("");
    let mut other = this.clone();
    other.component.sha256 = "0".repeat(64);
    let line = format!("\"sha256\": \"{}\"", this.component.sha256);
    goes_beyond(&other, &this, "component.sha256", &line);
    let mut other = this.clone();
    let first = other.component.imports.remove(0);
    goes_beyond(&other, &this, "component.imports", &format!("\"{first}\""));
    let mut other = this.clone();
    other.component.imports.push("*".to_owned());
    goes_beyond(&other, &this, "component.imports", "\"*\"");
}

#[test]
fn limits_can_be_lower_and_not_higher() {
    let this = needed("");
    let mut other = this.clone();
    other.limits.requests = 1;
    assert_eq!(beyond(&other, &this), [""; 0]);
    assert_eq!(other.stopped(Limit::Fuel), None);
    assert_eq!(other.stopped(Limit::Stack), None);
    let stopped = other.stopped(Limit::Requests).unwrap().to_string();
    assert!(stopped.ends_with(" is \"requests\": 32)"), "{stopped}");
    other.limits.fuel = u64::MAX;
    goes_beyond(&other, &this, "limits.fuel", "\"fuel\": 1000000000");
}

#[test]
fn a_layer_of_the_wall_has_to_stand_where_it_is_required() {
    let mut this = needed("");
    this.wall = vec![Layer::Files, Layer::SystemCalls];
    let mut granted = needed("");
    assert_eq!(beyond(&granted, &this), [""; 0]);
    granted.wall = vec![Layer::SystemCalls];
    assert_eq!(beyond(&granted, &this), [""; 0]);
    granted.wall.push(Layer::Tcp);
    goes_beyond(&granted, &this, "wall", "\"tcp\"");
}

#[test]
fn the_id_of_an_ecs_task_is_not_shown() {
    let (granted, other) = (needed("PATH=/of/one-task"), needed("PATH=/of/another-task"));
    goes_beyond(&granted, &other, "endpoint.path", r#""path": "/of/*""#);
    let shown = beyond(&needed(""), &other).concat();
    assert!(shown.contains(r#""path":"/of/*""#) && !shown.contains("another-task"));
    let any = granted.to_json().replace("one-task", "*");
    assert_eq!(beyond(&parse(&any).unwrap(), &other), [""; 0]);
}

#[test]
fn what_only_a_policy_can_grant_is_admitted_by_one() {
    let grants = asking(&format!("{ROLE} --sts-endpoint=https://sts.example"));
    let is_granted = |admitted: crate::Admitted| admitted.roles().is_some_and(|it| it.is_ok());
    assert!(!is_granted(grants.clone().into()));
    let policy = Policy::effective(&grants).unwrap();
    assert!(is_granted(policy.admit(grants.clone()).unwrap()));
    assert!(needed("").admit(grants).is_err());
}

// The table.

/// A policy in which nothing is left out.
fn whole() -> Policy {
    let asked = "URI=https://a.example/ FILE=/t AWS_CA_BUNDLE=/b HTTPS_PROXY=http://p.example:1";
    let grants = asking(&format!("{asked} {ROLE}"));
    let serve = served("127.0.0.1:1", "/t", true);
    let mut policy = Policy::effective_to_serve(&[grants], serve).unwrap();
    policy.wall = Layer::ALL.to_vec();
    policy
}

fn leaves(value: &Value, at: String) -> Vec<String> {
    match value.as_object() {
        None => vec![at],
        Some(members) => members
            .iter()
            .flat_map(|(name, value)| leaves(value, format!("{at}/{name}")))
            .collect(),
    }
}

#[test]
fn each_member_that_is_printed_has_a_rule_and_each_rule_a_member() {
    let tree = serde_json::from_str(&whole().to_json()).unwrap();
    let leaves = leaves(&tree, String::new());
    let rules: Vec<_> = RULES.iter().map(|rule| rule.at).collect();
    for leaf in &leaves {
        assert!(rules.contains(&leaf.as_str()), "{leaf} has no rule");
    }
    for rule in rules {
        assert!(tree.pointer(rule).is_some(), "{rule} is not printed");
    }
}

#[test]
fn the_documentation_has_an_example_and_every_member() {
    let documentation = include_str!("../../../docs/policy.md");
    let (_, rest) = documentation.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    assert_eq!(parse(json).unwrap().to_json() + "\n", json);
    for rule in RULES {
        let row = format!("\n| `{}` |", rule.name());
        assert!(documentation.contains(&row), "{row}");
    }
}

/// Each flaw, at a member that can have it.
fn flaws() -> Vec<(&'static str, Flaw)> {
    let at = |flaw: Flaw| {
        let at = match flaw {
            Flaw::TooLarge | Flaw::Json(_) => "",
            Flaw::Array => "/roles",
            Flaw::Version(_) => "/version",
            Flaw::Variable | Flaw::VariableWithoutRoles => "/environment",
            Flaw::File
            | Flaw::FileWithoutVariable
            | Flaw::NoWorkingDirectory(_)
            | Flaw::NotUtf8 => "/token_file",
            Flaw::Asterisk | Flaw::Path => "/endpoint/path",
            Flaw::Host | Flaw::HostOverHttp => "/endpoint/host",
            Flaw::RoleArn | Flaw::Twice => "/roles/arns",
            Flaw::Sts => "/roles/sts",
            Flaw::Proxy => "/roles/proxy",
            Flaw::Duration => "/roles/max_duration_seconds",
            Flaw::Zero => "/limits/fuel",
            Flaw::EndpointWithoutVariable | Flaw::EndpointOfRelativeUri => "/endpoint",
            Flaw::BundleOverHttp => "/endpoint/ca_bundle",
            Flaw::NotAnAddress | Flaw::NotLoopback => "/serve/listen",
            Flaw::DifferentSts => "/roles/ca_bundle",
        };
        (at, flaw)
    };
    let flaws = epicac_page::examples!(Flaw {
        TooLarge, Json("…".to_owned()), Array, Version(2), Variable, File, Asterisk, Host, Path,
        RoleArn, Sts, Proxy, Duration, Zero, Twice, EndpointWithoutVariable, EndpointOfRelativeUri,
        HostOverHttp, BundleOverHttp, FileWithoutVariable, VariableWithoutRoles,
        NoWorkingDirectory("…".to_owned()), NotUtf8, NotAnAddress, NotLoopback, DifferentSts,
    });
    flaws.into_iter().map(at).collect()
}

#[test]
fn the_page_has_what_is_told_of_a_policy() {
    let files = [
        FileError::Io(ErrorKind::NotFound.into()),
        FileError::Io(ErrorKind::PermissionDenied.into()),
        FileError::NotRegular,
    ];
    let mut errors: Vec<_> = files.iter().map(PolicyError::unreadable).collect();
    for (at, flaw) in flaws() {
        errors.push(match flaw {
            Flaw::NoWorkingDirectory(_) | Flaw::NotUtf8 | Flaw::DifferentSts => {
                ungrantable(at, &flaw)
            }
            flaw if at.is_empty() => invalid("", at, &flaw),
            flaw => invalid(&format!("{}: ", name(at)), at, &flaw),
        });
    }
    errors.push(ungrantable("/endpoint/path", &Flaw::Asterisk));
    for rule in RULES {
        let said = Flaw::Json("…".to_owned());
        errors.push(invalid(&format!("{}: ", rule.name()), rule.at, &said));
        errors.extend(rule.examples());
    }
    let limit = RULES.iter().find(|rule| rule.at == "/limits/fuel").unwrap();
    errors.push(limit.stopped(&1.into()));
    let told = errors.iter().map(PolicyError::told);
    let parts = told.map(|Told { what, why, remedy }| [what, why, remedy]);
    epicac_page::hold("docs/troubleshooting.md", "policy", parts);
}

/// What is asked for, and what a line of the table then begins with and holds.
const EXPLAINED: &str = "
URI=http://127.0.0.1/ | endpoint.host | 127.0.0.1
FILE=/t TOKEN=t | environment | wins over the token
FILE=/t | wall.files | enforced
FILE=/t | wall.tcp | does not allow it
FILE=/t | limits.fuel | 1000000000
URI=ftp://example.com/ | endpoint | a scheme other than http and https
URI=http://example.com/ | endpoint | names the host example.com
URI= | endpoint | is set
URI=https://a.example | endpoint.scheme | only under a policy file
URI=https://a.example | endpoint.ca_bundle | built in
--role-arn=arn:aws:iam::111111111111:role/a --sts-endpoint=https://sts.example | roles.sts | only under a policy file
";

#[test]
fn each_line_is_explained() {
    let explained = |words: &str| {
        let wall = crate::wall::Wall::of(vec![Layer::Files]);
        explain(&needed(words), &asking(words), &wall)
    };
    for [words, rule, part] in rows(EXPLAINED) {
        let text = explained(words);
        let mut lines = text.lines();
        let begin = format!("{rule} ");
        let found = lines.any(|line| line.starts_with(&begin) && line.contains(part));
        assert!(found, "{rule} {part} in {text}");
    }
    let text = explained("URI=http://localhost TOKEN=a-secret FILE=/a\u{1b}[2J");
    for line in text.lines() {
        let cells: Vec<_> = line.split("  ").filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells.len(), 3, "{line}");
    }
    for never in ["not known to this program", "a-secret", "\u{1b}"] {
        assert!(!text.contains(never), "{never} in {text}");
    }
}
