//! What an environment needs.

use super::*;
use proptest::prelude::*;

/// What is asked for, and what is needed then, by a pointer.
const NEEDED: &str = r#"
TOKEN=t URI=http://localhost | /environment | ["AWS_CONTAINER_CREDENTIALS_FULL_URI","AWS_CONTAINER_AUTHORIZATION_TOKEN"]
PATH= TOKEN= URI=http://localhost | /environment | ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
FILE=/var/run//secrets/./token | /token_file | "/var/run/secrets/token"
URI=http://[FD00:ec2:0::23]/c?a | /endpoint | {"method":"GET","scheme":"http","host":"[fd00:ec2::23]","port":80,"path":"/c?a"}
URI=http://localhost/a AWS_CA_BUNDLE=/b | /endpoint/ca_bundle |
URI=https://Agent.example/a AWS_CA_BUNDLE=/etc//b | /endpoint/ca_bundle | "/etc/b"
URI=https://Agent.example/a | /endpoint/host | "agent.example"
URI=https://Agent.example/a | /endpoint/port | 443
ROLE=a --duration=900 | /roles/max_duration_seconds | 900
ROLE=a --policy-arn=arn:aws:iam::aws:policy/x | /roles/session_policy | "required"
"#;

#[test]
fn what_the_environment_names_is_needed() {
    for [words, pointer, expected] in rows(NEEDED) {
        let tree = Policy::effective(&asking(words)).unwrap().to_tree();
        let value = tree.pointer(pointer).map(Value::to_string);
        assert_eq!(value.unwrap_or_default(), expected, "{words} {pointer}");
    }
    let here = std::env::current_dir().unwrap().join("token");
    let relative = needed("FILE=token").token_file.unwrap();
    assert_eq!(relative.0, here.to_str().unwrap());
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
        let errors = granted.beyond(&needed, &Wall::of(Vec::new()));
        // Exact policies grant each other's needs only where these are none, or the same.
        let is_within = needed.environment.iter().all(|name| granted.environment.contains(name))
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
