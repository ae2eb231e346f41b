//! Which endpoint is asked, and what is refused before any connection: `behaviour.md` §1.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::endpoint::{Agent, EndpointError, UriError};
use epicac_component::environment::{FULL_URI, RELATIVE_URI};
use epicac_component::{Endpoint, Environment, Error, Host, Scheme};
use proptest::prelude::*;

fn from(variables: &[(&str, &str)]) -> Result<Endpoint, EndpointError> {
    let owned = variables
        .iter()
        .map(|&(name, value)| (name, value.to_owned()));
    Endpoint::from_environment(&Environment::from_variables(owned))
}

/// Authority and path of the endpoint at a full URI.
fn full(uri: &str) -> Result<(String, String), UriError> {
    Endpoint::from_full_uri(uri).map(|e| (e.authority(), e.path_with_query().to_owned()))
}

/// What is told of a full URI that cannot be asked.
fn sentence(uri: &str) -> String {
    Error::from(from(&[(FULL_URI, uri)]).unwrap_err()).to_string()
}

#[test]
fn the_relative_uri_wins_even_when_it_is_invalid() {
    let full = "http://127.0.0.1/full";
    let both = from(&[(FULL_URI, full), (RELATIVE_URI, "/relative")]).unwrap();
    assert_eq!(both.to_string(), "http://169.254.170.2/relative");
    let invalid = from(&[(FULL_URI, full), (RELATIVE_URI, "relative")]).unwrap_err();
    assert!(
        matches!(&invalid, EndpointError::Invalid { name, .. } if *name == RELATIVE_URI),
        "{invalid:?}"
    );
    let empty = from(&[(FULL_URI, full), (RELATIVE_URI, "")]).unwrap();
    assert_eq!(empty.to_string(), full);
}

#[test]
fn neither_set_names_both_variables() {
    let error = from(&[]).unwrap_err();
    assert_eq!(error, EndpointError::Unset);
    let sentence = Error::from(error).to_string();
    assert!(
        sentence.contains(RELATIVE_URI) && sentence.contains(FULL_URI),
        "{sentence}"
    );
}

#[test]
fn what_no_runtime_sends_is_refused() {
    let path = format!("/{}", "x".repeat(70_000));
    let relative = from(&[(RELATIVE_URI, &path)]).unwrap_err();
    assert!(
        matches!(
            relative,
            EndpointError::Invalid {
                error: UriError::TooLong,
                ..
            }
        ),
        "{relative:?}"
    );
    assert_eq!(
        full(&format!("http://127.0.0.1{path}")),
        Err(UriError::TooLong)
    );
    let longest = format!("http://127.0.0.1{}", &path[..60_000]);
    assert!(full(&longest).is_ok());
}

#[test]
fn a_relative_uri_cannot_change_the_host() {
    for uri in [
        "@evil.example/x",
        ".evil.example/x",
        ":80/x",
        "x",
        "?x",
        "http://127.0.0.1/",
        " /x",
    ] {
        assert_eq!(
            Endpoint::from_relative_uri(uri),
            Err(UriError::NotAPath),
            "{uri}"
        );
    }
    for uri in [
        "/",
        "//evil.example/x",
        "/@evil.example",
        "/v2/credentials/1?a=b",
    ] {
        let endpoint = Endpoint::from_relative_uri(uri).unwrap();
        assert_eq!(endpoint.authority(), "169.254.170.2");
        assert_eq!(endpoint.path_with_query(), uri);
        assert_eq!(endpoint.scheme(), Scheme::Http);
    }
}

#[test]
fn over_http_only_these_hosts_are_asked() {
    for (uri, authority) in [
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://127.255.255.254/", "127.255.255.254"),
        ("http://169.254.170.2/", "169.254.170.2"),
        ("http://169.254.170.23/v1/credentials", "169.254.170.23"),
        ("http://[::1]/", "[::1]"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "[::1]:8080"),
        ("http://[FD00:EC2::23]/", "[fd00:ec2::23]"),
        ("http://[fd00:0ec2:0:0::0023]/", "[fd00:ec2::23]"),
        ("http://localhost/", "localhost"),
        ("HTTP://LocalHost:80/", "localhost:80"),
    ] {
        assert_eq!(full(uri).map(|(a, _)| a).as_deref(), Ok(authority), "{uri}");
    }
    for uri in [
        "http://128.0.0.1/",
        "http://0.0.0.0/",
        "http://169.254.170.1/",
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "http://[::]/",
        "http://[::2]/",
        "http://[fd00:ec2::24]/",
        "http://example.com/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.nip.io/",
        "http://sub.localhost/",
        // Other spellings of 127.0.0.1 are names here, and names are not asked.
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.1/",
        "http://127.0.0.1.1/",
    ] {
        let error = full(uri).unwrap_err();
        assert!(
            matches!(error, UriError::HostNotAllowed(_)),
            "{uri}: {error:?}"
        );
    }
}

#[test]
fn what_is_no_host_is_refused_for_either_scheme() {
    for host in [
        "",
        ".",
        "localhost.",
        "example..com",
        "-example.com",
        "exa mple.com",
        "exam%70le.com",
        "bücher.example",
        "[::1",
        "::1",
        "[]",
        "[::1]x",
        "x[::1]",
        "[[::1]]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[v1.x]",
        "127.0.0.1\\",
    ] {
        for scheme in ["http", "https"] {
            let error = full(&format!("{scheme}://{host}/")).unwrap_err();
            let refused = matches!(error, UriError::Host | UriError::Port);
            assert!(refused, "{scheme}://{host}/: {error:?}");
        }
    }
}

#[test]
fn over_https_any_host_is_asked() {
    for (uri, authority) in [
        ("https://example.com/", "example.com"),
        (
            "HTTPS://Credentials.Example:8443/x",
            "credentials.example:8443",
        ),
        ("https://my_host-1/", "my_host-1"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("https://[2001:DB8::0:1]/", "[2001:db8::1]"),
    ] {
        let endpoint = Endpoint::from_full_uri(uri).unwrap();
        assert_eq!(endpoint.authority(), authority);
        assert_eq!(endpoint.scheme(), Scheme::Https);
    }
}

#[test]
fn user_information_is_refused_and_not_shown() {
    for uri in [
        "http://user:hunter2@127.0.0.1/",
        "http://127.0.0.1@evil.example/",
        "http://@127.0.0.1/",
        "https://user:hunter2@example.com/",
    ] {
        assert_eq!(full(uri), Err(UriError::UserInfo), "{uri}");
        let sentence = sentence(uri);
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
    // After the authority an `@` is but a character.
    assert_eq!(full("http://127.0.0.1/@x").unwrap().1, "/@x");
}

#[test]
fn the_port_is_kept_as_given_and_bad_ones_are_refused() {
    for (port, number) in [(":1", 1), (":80", 80), (":65535", 65_535)] {
        let endpoint = Endpoint::from_full_uri(&format!("http://127.0.0.1{port}/")).unwrap();
        assert_eq!(endpoint.port(), Some(number));
        assert_eq!(endpoint.authority(), format!("127.0.0.1{port}"));
    }
    assert_eq!(
        Endpoint::from_full_uri("http://127.0.0.1/").unwrap().port(),
        None
    );
    for port in [
        ":",
        ":0",
        ":00",
        ":080",
        ":+80",
        ":-1",
        ":65536",
        ":99999999999",
        ":8o",
        ": 80",
        ":80:80",
        ":８０",
    ] {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let uri = format!("http://{host}{port}/");
            assert_eq!(full(&uri), Err(UriError::Port), "{uri}");
        }
    }
}

#[test]
fn an_endpoint_tells_the_port_and_the_address_that_are_connected_to() {
    for (uri, port, ip, is_loopback) in [
        ("http://127.9.9.9", 80, Some("127.9.9.9"), true),
        ("https://[::1]", 443, Some("::1"), true),
        ("http://localhost:8080", 8080, None, true),
        (
            "http://169.254.170.2:443",
            443,
            Some("169.254.170.2"),
            false,
        ),
        ("https://agent.example", 443, None, false),
    ] {
        let endpoint = Endpoint::from_full_uri(uri).unwrap();
        let host = endpoint.host();
        assert_eq!(endpoint.port_or_default(), port, "{uri}");
        assert_eq!(host.ip(), ip.map(|ip| ip.parse().unwrap()), "{uri}");
        assert_eq!(host.is_loopback(), is_loopback, "{uri}");
    }
}

#[test]
fn path_and_query_go_out_verbatim() {
    for (rest, sent) in [
        ("", "/"),
        ("/", "/"),
        ("?", "/?"),
        ("?a=b", "/?a=b"),
        ("/a/../b//c/.", "/a/../b//c/."),
        ("/x?b=2&a=1&b=2&&=", "/x?b=2&a=1&b=2&&="),
        ("/%7Euser/%2F%zz", "/%7Euser/%2F%zz"),
        ("/a:b@c!$&'()*+,;=-._~[]?/?", "/a:b@c!$&'()*+,;=-._~[]?/?"),
    ] {
        assert_eq!(full(&format!("http://127.0.0.1{rest}")).unwrap().1, sent);
    }
    for character in "<>\"\\^`{}| \t\r\n\0\u{7f}é\u{2028}".chars() {
        let path = format!("/a{character}b");
        let error = Err(UriError::Character);
        assert_eq!(full(&format!("http://127.0.0.1{path}")), error, "{path:?}");
        assert_eq!(
            Endpoint::from_relative_uri(&path).map(|_| ()),
            error.map(|_| ())
        );
    }
    for uri in [
        "http://127.0.0.1#x",
        "http://127.0.0.1/#",
        "http://127.0.0.1/?a#b",
    ] {
        assert_eq!(full(uri), Err(UriError::Fragment), "{uri}");
    }
}

#[test]
fn the_agent_is_told_by_the_address_or_else_by_the_path() {
    for (uri, agent) in [
        ("http://169.254.170.23/v1/credentials", Agent::Eks),
        ("http://[fd00:ec2::23]/v1/credentials", Agent::Eks),
        ("http://169.254.170.23/v2/credentials/x", Agent::Eks),
        ("http://169.254.170.2/x", Agent::Ecs),
        ("http://127.0.0.1:51679/v2/credentials/0-1-2", Agent::Ecs),
        ("http://127.0.0.1/v1/credentials", Agent::Eks),
        ("http://localhost/", Agent::Eks),
    ] {
        let endpoint = Endpoint::from_full_uri(uri).unwrap();
        assert_eq!(endpoint.agent(), agent, "{uri}");
    }
    let relative = Endpoint::from_relative_uri("/v2/credentials/x").unwrap();
    assert_eq!(relative.agent(), Agent::Ecs);
}

#[test]
fn anything_else_is_refused() {
    for uri in [
        "/v1/credentials",
        "127.0.0.1/x",
        "garbage",
        "http:/127.0.0.1/",
        "http:",
        "://x",
    ] {
        let error = full(uri).unwrap_err();
        assert!(
            matches!(error, UriError::NotAbsolute | UriError::Scheme),
            "{uri}: {error:?}"
        );
    }
    for uri in [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "httpx://127.0.0.1/",
        " http://127.0.0.1/",
    ] {
        assert_eq!(full(uri), Err(UriError::Scheme), "{uri}");
    }
}

#[test]
fn a_refusal_is_short_and_on_one_line() {
    let uri = format!("http://{}.example/", "x".repeat(5_000));
    let sentence = sentence(&uri);
    assert!(
        sentence.len() < 700 && sentence.contains("[fd00:ec2::23]"),
        "{sentence}"
    );
}

proptest! {
    /// Whatever comes in, what comes out is one of the hosts that may be asked, in canonical text.
    #[test]
    fn over_http_no_other_host_gets_through(
        host in prop_oneof![
            "[0-9a-fx.]{1,20}", "\\[[0-9a-f:.%]{0,30}\\]", "(localhost|LOCALHOST|127.0.0.1)[.@:a-z0-9]{0,8}",
            "\\PC{0,20}",
        ],
        rest in "[/?#a-z@:]{0,12}",
    ) {
        if let Ok(endpoint) = Endpoint::from_full_uri(&format!("http://{host}{rest}")) {
            let allowed = match endpoint.host() {
                Host::Ipv4(v4) => v4.octets()[0] == 127
                    || [[169, 254, 170, 2], [169, 254, 170, 23]].contains(&v4.octets()),
                Host::Ipv6(v6) => ["::1", "fd00:ec2::23"].contains(&v6.to_string().as_str()),
                Host::Name(name) => name == "localhost",
            };
            prop_assert!(allowed, "{endpoint}");
            // What is displayed is read back as the same.
            prop_assert_eq!(Endpoint::from_full_uri(&endpoint.to_string()), Ok(endpoint));
        }
    }

    #[test]
    fn no_text_panics_and_every_refusal_is_one_printable_line(uri in "(https?://)?\\PC{0,60}") {
        for name in [FULL_URI, RELATIVE_URI] {
            if let Err(error) = from(&[(name, &uri)]) {
                prop_assert!(!Error::from(error).to_string().chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn path_and_query_are_never_rewritten(path in "/[!-~&&[^#<>\"\\\\^`{}|]]{0,60}") {
        let (_, sent) = full(&format!("http://localhost{path}")).unwrap();
        prop_assert_eq!(&sent, &path);
    }
}
