//! Which endpoint may get a token: `behaviour.md` §1, and what the built-in policy leaves of it.

use super::config;
use crate::grants::{Admitted, Grants};
use crate::limits::Limits;
use epicac_component::environment::{FULL_URI, RELATIVE_URI};
use proptest::prelude::*;
use proptest::sample::select;

/// A part of a URI as it is spelled, and its canonical text if it may be asked.
type Part = (&'static str, Option<&'static str>);

const SCHEMES: &[Part] = &[
    ("http", Some("http")),
    ("HttP", Some("http")),
    ("https", Some("https")),
    ("HTTPS", Some("https")),
    ("ftp", None),
    ("", None),
];

const USERS: &[Part] = &[
    ("", Some("")),
    ("", Some("")),
    ("user@", None),
    ("u:p@", None),
    ("@", None),
];

/// The hosts that may be asked over http.
const LOCAL: &[Part] = &[
    ("127.0.0.1", Some("127.0.0.1")),
    ("127.255.0.9", Some("127.255.0.9")),
    ("[::1]", Some("[::1]")),
    ("[0:0:0:0:0:0:0:1]", Some("[::1]")),
    ("localhost", Some("localhost")),
    ("LocalHost", Some("localhost")),
    ("169.254.170.2", Some("169.254.170.2")),
    ("169.254.170.23", Some("169.254.170.23")),
    ("[fd00:ec2::23]", Some("[fd00:ec2::23]")),
    ("[FD00:0ec2:0::23]", Some("[fd00:ec2::23]")),
];

/// The hosts that may be asked over https alone, or never.
const OTHERS: &[Part] = &[
    ("agent.example", Some("agent.example")),
    ("Agent.Example", Some("agent.example")),
    ("10.0.0.1", Some("10.0.0.1")),
    ("169.254.169.254", Some("169.254.169.254")),
    ("169.254.170.23.example", Some("169.254.170.23.example")),
    ("[fd00:ec2::24]", Some("[fd00:ec2::24]")),
    // Other spellings of an address are names.
    ("127.1", Some("127.1")),
    ("2130706433", Some("2130706433")),
    ("0x7f000001", Some("0x7f000001")),
    ("0177.0.0.1", Some("0177.0.0.1")),
    ("localhost.", None),
    ("127.0.0.1.", None),
    ("[::ffff:127.0.0.1]", None),
    ("[::ffff:7f00:1]", None),
    ("[::1", None),
    ("::1", None),
    ("", None),
    ("-a.example", None),
    ("127.0.0.1%00", None),
    ("127.0.0.1\\", None),
];

const PORTS: &[Part] = &[
    ("", Some("")),
    ("", Some("")),
    (":80", Some(":80")),
    (":443", Some(":443")),
    (":65535", Some(":65535")),
    (":0", None),
    (":65536", None),
    (":+80", None),
    (":080", None),
    (":", None),
    (":80:80", None),
];

const TARGETS: &[Part] = &[
    ("", Some("/")),
    ("/", Some("/")),
    ("/v1/credentials", Some("/v1/credentials")),
    ("?a", Some("/?a")),
    ("/a?b=c&b=d", Some("/a?b=c&b=d")),
    ("/a/../b", Some("/a/../b")),
    ("//evil.example/", Some("//evil.example/")),
    ("/%2e%2e", Some("/%2e%2e")),
    ("/@evil.example/", Some("/@evil.example/")),
    ("/a#b", None),
    ("/a b", None),
    ("/\u{fc}", None),
    ("/a\r\nHost: b", None),
];

fn part(parts: &'static [Part]) -> impl Strategy<Value = Part> {
    select(parts)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_full_uri_is_asked_if_each_of_its_parts_may_be(
        scheme in part(SCHEMES),
        user in part(USERS),
        (host, is_local) in prop_oneof![
            (part(LOCAL), Just(true)),
            (part(OTHERS), Just(false)),
        ],
        port in part(PORTS),
        target in part(TARGETS),
        is_by_policy in any::<bool>(),
    ) {
        let uri = format!("{}://{}{}{}{}", scheme.0, user.0, host.0, port.0, target.0);
        let canonical = (|| {
            let (scheme, user) = (scheme.1?, user.1?);
            let is_asked = match scheme {
                "http" => is_local,
                _ => is_by_policy,
            };
            let text = format!("{scheme}://{user}{}{}{}", host.1?, port.1?, target.1?);
            is_asked.then_some(text)
        })();
        prop_assert_eq!(asked(FULL_URI, &uri, is_by_policy), canonical, "{}", uri);
    }

    #[test]
    fn a_relative_uri_is_a_path_of_the_agent_of_ecs(
        begin in select(&["", "/", "@", ".", "//", ":80/", "http://"][..]),
        target in part(TARGETS),
        is_by_policy in any::<bool>(),
    ) {
        let uri = format!("{begin}{}", target.0);
        // An empty variable counts as unset.
        let is_path = uri.starts_with('/');
        let canonical = target.1.filter(|_| is_path);
        let canonical = canonical.map(|_| format!("http://169.254.170.2{uri}"));
        prop_assert_eq!(asked(RELATIVE_URI, &uri, is_by_policy), canonical, "{}", uri);
    }
}

/// The endpoint that may be asked if this variable names it.
fn asked(name: &str, uri: &str, is_by_policy: bool) -> Option<String> {
    let grants = Grants::from_variables([(name.to_owned(), uri.to_owned())]);
    let admitted = match is_by_policy {
        true => Admitted::by_policy(grants, Limits::BUILT_IN),
        false => grants.into(),
    };
    admitted.endpoint().ok().map(ToString::to_string)
}
