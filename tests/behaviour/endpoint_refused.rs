//! §1, which endpoint: the ones that are refused before any connection.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use epicac_tests::{Agent, Epicac};

use crate::cases::{each, generous_agent};

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// Each URI must be refused with a message that names the variable. `PORT` in it is the port of an agent
/// on 127.0.0.1, which must see nothing.
fn refused(uris: &[&str]) {
    let agent = generous_agent();
    each(uris, |uri| {
        refuses(&agent, uri);
    });
    assert_eq!(agent.connections(), 0, "the agent was connected to");
}

fn refuses(agent: &Agent, uri: &str) -> String {
    let uri = uri.replace("PORT", &agent.address().port().to_string());
    Epicac::new()
        .full_uri(uri)
        .token("a-token-for-nobody")
        .secret("a-password-for-nobody")
        .run()
        .fails_with(&[FULL])
}

#[test]
fn addresses_that_are_not_on_the_list() {
    refused(&[
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "http://169.254.170.1/",
        "http://169.254.170.3/",
        "http://169.254.170.24/",
        "http://0.0.0.0:PORT/",
        "http://10.0.0.1/",
        "http://126.255.255.255/",
        "http://128.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]:PORT/",
        "http://[::2]/",
        "http://[fd00:ec2::24]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[2001:db8::1]/",
    ]);
}

#[test]
fn names_other_than_localhost() {
    refused(&[
        "http://example.com/",
        "http://localhost.example.com:PORT/",
        "http://localhost.:PORT/",
        "http://localhost.localdomain:PORT/",
        "http://ip6-localhost:PORT/",
        "http://notlocalhost:PORT/",
        "http://127.0.0.1.nip.io:PORT/",
        "http://127.0.0.1.:PORT/",
        "http://loc%61lhost:PORT/",
    ]);
}

#[test]
fn other_spellings_of_an_address() {
    refused(&[
        "http://2130706433:PORT/",
        "http://0x7f000001:PORT/",
        "http://017700000001:PORT/",
        "http://127.1:PORT/",
        "http://127.0.1:PORT/",
        "http://127:PORT/",
        "http://0x7f.0.0.1:PORT/",
        "http://0177.0.0.1:PORT/",
        "http://127.0.0.01:PORT/",
        "http://127.0.0.1.0:PORT/",
        "http://127.0.0.256:PORT/",
        "http://127.0.0.%31:PORT/",
        "http://１２７.0.0.1:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://[127.0.0.1]:PORT/",
        "http://[::1%lo]:PORT/",
        "http://[::1%25lo]:PORT/",
        "http://[::1:PORT/",
        "http://::1:PORT/",
        "http://[]:PORT/",
        "http://[localhost]:PORT/",
        "http://[v1.::1]:PORT/",
    ]);
}

#[test]
fn userinfo() {
    refused(&[
        "http://user@127.0.0.1:PORT/",
        "http://user:a-password-for-nobody@127.0.0.1:PORT/",
        "http://@127.0.0.1:PORT/",
        "http://:@127.0.0.1:PORT/",
        "http://127.0.0.1:PORT@example.com/",
        "http://127.0.0.1@127.0.0.1:PORT/",
        "http://example.com\\@127.0.0.1:PORT/",
        "http://127.0.0.1:PORT\\@example.com/",
    ]);
}

#[test]
fn ports_that_are_none() {
    refused(&[
        "http://127.0.0.1:/",
        "http://127.0.0.1:",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:00/",
        "http://127.0.0.1:0PORT/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:99999999999999999999/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:+PORT/",
        "http://127.0.0.1: PORT/",
        "http://127.0.0.1:PORT:PORT/",
        "http://127.0.0.1:http/",
        "http://127.0.0.1:8o/",
        "http://[::1]PORT/",
        "http://[::1]:/",
        "http://localhost:0/",
    ]);
}

#[test]
fn fragments() {
    refused(&[
        "http://127.0.0.1:PORT/#",
        "http://127.0.0.1:PORT/v1/credentials#x",
        "http://127.0.0.1:PORT/?x#y",
        "http://127.0.0.1:PORT#",
        "http://127.0.0.1#@example.com/",
    ]);
}

#[test]
fn other_schemes_and_relative_references() {
    refused(&[
        "ftp://127.0.0.1:PORT/",
        "file:///var/run/credentials.json",
        "unix:///var/run/agent.sock",
        "http+unix://127.0.0.1:PORT/",
        "ws://127.0.0.1:PORT/",
        "httpx://127.0.0.1:PORT/",
        "://127.0.0.1:PORT/",
        "//127.0.0.1:PORT/v1/credentials",
        "/v1/credentials",
        "127.0.0.1:PORT/v1/credentials",
        "localhost:PORT/v1/credentials",
        "http:127.0.0.1:PORT/",
        "http:/127.0.0.1:PORT/",
        "http:///127.0.0.1:PORT/",
    ]);
}

#[test]
fn garbage() {
    refused(&[
        "http",
        "http:",
        "http://",
        "http:///",
        "http://?x",
        ":",
        "%",
        " http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT/ ",
        "http://127.0.0.1:PORT/a b",
        "http://127.0.0.1:PORT/\t",
        "http://127.0.0.1:PORT/\n",
        "http://127.0.0.1:PORT/\r\nX-Injected: yes",
        "http://127.0.0.1:PORT/ HTTP/1.1\r\nX-Injected: yes",
        "http://127.0.0.1:PORT/\u{7f}",
        "http://127.0.0.1 :PORT/",
        "\u{feff}http://127.0.0.1:PORT/",
        "\"http://127.0.0.1:PORT/\"",
    ]);
}

#[test]
fn a_value_that_is_not_utf8_names_the_variable() {
    let agent = generous_agent();
    let broken = OsStr::from_bytes(b"/v1/\xff\xfe");
    for name in [
        FULL,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ] {
        let epicac = if name == FULL {
            Epicac::new()
        } else {
            Epicac::asking(&agent)
        };
        epicac.var(name, broken).run().fails_with(&[name]);
    }
    assert_eq!(agent.connections(), 0);
}

#[test]
fn https_is_denied_by_the_policy_without_a_connection() {
    let agent = generous_agent();
    for uri in [
        agent.url().replace("http:", "https:"),
        "https://example.com/".to_owned(),
    ] {
        Epicac::new()
            .full_uri(uri)
            .run()
            .fails_with(&["https", "policy"]);
    }
    assert_eq!(agent.connections(), 0);
}
