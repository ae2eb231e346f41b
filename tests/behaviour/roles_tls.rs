//! Roles over TLS: whom it trusts, and the proxy on the way. A proxy of the test's own takes the names of AWS
//! to the stand-in, so that they need no DNS.

use std::fs;
use std::net::TcpListener;

use epicac_tests::{Agent, Authority, Epicac, Namespace, Proxy, Sts, TlsServer, require};
use tempfile::TempDir;

use crate::cases::{each, generous_agent};
use crate::roles::{READER, WRITER, gets_role, secretive};

const AWS: &str = "sts.eu-central-1.amazonaws.com";

/// An STS behind TLS and a proxy, with a certificate for these names.
struct Aws {
    agent: Agent,
    sts: Sts,
    server: TlsServer,
    proxy: Proxy,
    folder: TempDir,
}

impl Aws {
    fn with_names(names: &[&str]) -> Self {
        let authority = Authority::new().unwrap();
        let sts = Sts::start().unwrap();
        let server = TlsServer::start(sts.agent().address(), &authority, names).unwrap();
        let proxy = Proxy::start(server.address()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bundle.pem"), authority.pem()).unwrap();
        Self {
            agent: generous_agent(),
            sts,
            server,
            proxy,
            folder,
        }
    }

    fn epicac(&self, arguments: &[&str]) -> Epicac {
        let epicac = secretive(Epicac::asking(&self.agent))
            .var("AWS_CA_BUNDLE", self.folder.path().join("bundle.pem"));
        arguments.iter().fold(epicac, Epicac::arg)
    }

    fn by_proxy(&self, arguments: &[&str]) -> Epicac {
        let url = format!("http://{}", self.proxy.authority());
        self.epicac(arguments)
            .var("HTTPS_PROXY", url)
            .var("AWS_REGION", "eu-central-1")
    }

    /// The URL of the server itself.
    fn url(&self) -> String {
        format!("https://localhost:{}", self.server.address().port())
    }

    fn file(&self, content: &str) -> std::path::PathBuf {
        let path = self.folder.path().join("other.pem");
        fs::write(&path, content).unwrap();
        path
    }
}

#[test]
fn the_endpoint_of_the_region_is_asked_over_tls_through_the_proxy() {
    let aws = Aws::with_names(&[AWS]);
    let hops = ["--role-arn", READER, "--role-arn", WRITER];
    assert_eq!(
        gets_role(aws.by_proxy(&hops), 2)["AccountId"],
        "222222222222"
    );
    let requests = aws.proxy.requests();
    assert_eq!(requests.len(), 2);
    let expected = format!("CONNECT {AWS}:443 HTTP/1.1\r\nHost: {AWS}:443\r\n\r\n");
    assert_eq!(requests[0], expected);
    assert_eq!(
        aws.sts.agent().requests()[0].header_values("Host"),
        [AWS],
        "the host that was signed"
    );
}

#[test]
fn other_endpoints_of_aws_are_asked_too() {
    for (host, arguments, variable) in [
        (
            "sts-fips.us-east-1.amazonaws.com",
            "us-east-1",
            "AWS_USE_FIPS_ENDPOINT",
        ),
        (
            "sts.us-east-1.api.aws",
            "us-east-1",
            "AWS_USE_DUALSTACK_ENDPOINT",
        ),
        ("sts.amazonaws.com", "aws-global", "AWS_PROFILE"),
    ] {
        let aws = Aws::with_names(&[host]);
        let epicac = aws.by_proxy(&["--role-arn", READER, "--region", arguments]);
        gets_role(epicac.var(variable, "true"), 1);
        assert!(aws.proxy.requests()[0].contains(host), "{host}");
    }
}

#[test]
fn a_server_on_this_machine_is_asked_without_the_proxy() {
    let aws = Aws::with_names(&["localhost", "127.0.0.1"]);
    gets_role(
        aws.by_proxy(&["--role-arn", READER, "--sts-endpoint", &aws.url()]),
        1,
    );
    let url = aws.url().replace("localhost", "127.0.0.1");
    gets_role(
        aws.by_proxy(&["--role-arn", READER, "--sts-endpoint", &url]),
        2,
    );
    assert_eq!(aws.proxy.requests().len(), 0);
}

#[test]
fn an_authority_that_is_not_trusted_is_refused_before_the_request() {
    let aws = Aws::with_names(&[AWS]);
    let other = aws.file(&Authority::new().unwrap().pem());
    let run = |epicac: Epicac| epicac.arg("--role-arn").arg(READER).run();
    let url = format!("http://{}", aws.proxy.authority());
    let built_in = || {
        secretive(Epicac::asking(&aws.agent))
            .var("HTTPS_PROXY", &url)
            .var("AWS_REGION", "eu-central-1")
    };
    let parts = [
        "no connection to AWS STS",
        AWS,
        "not trusted",
        "AWS_CA_BUNDLE",
    ];
    run(built_in()).fails_with(&parts);
    run(built_in().var("AWS_CA_BUNDLE", &other)).fails_with(&parts);
    // Nothing that a variable says of trust but the one.
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        let bundle = aws.folder.path().join("bundle.pem");
        run(built_in().var(variable, bundle)).fails_with(&parts);
    }
    assert_eq!(aws.sts.agent().connections(), 0);
}

#[test]
fn the_certificate_has_to_be_that_of_the_host() {
    let aws = Aws::with_names(&["sts.eu-west-1.amazonaws.com"]);
    let outcome = aws.by_proxy(&["--role-arn", READER]).run();
    outcome.fails_with(&["no connection to AWS STS", AWS, "certificate is not valid"]);
    assert_eq!(aws.sts.agent().connections(), 0);
}

#[test]
fn what_is_no_bundle_is_refused_before_any_connection() {
    let aws = Aws::with_names(&[AWS]);
    let missing = aws.folder.path().join("missing.pem");
    for (path, part) in [
        (missing.clone(), "no such file"),
        (aws.folder.path().to_owned(), "not a regular file"),
        (aws.file(""), "no certificate"),
    ] {
        let url = format!("http://{}", aws.proxy.authority());
        let epicac = secretive(Epicac::asking(&aws.agent))
            .var("AWS_CA_BUNDLE", &path)
            .var("AWS_REGION", "eu-central-1")
            .var("HTTPS_PROXY", url);
        let outcome = epicac.arg("--role-arn").arg(READER).run();
        outcome.fails_with(&["invalid CA bundle", path.to_str().unwrap(), part]);
    }
    // It is not read where there is no TLS.
    let epicac = secretive(Epicac::asking(&aws.agent))
        .var("AWS_CA_BUNDLE", &missing)
        .var("AWS_ENDPOINT_URL", aws.sts.url());
    gets_role(epicac.arg("--role-arn").arg(READER), 1);
    Epicac::asking(&aws.agent)
        .var("AWS_CA_BUNDLE", &missing)
        .run()
        .succeeds();
    assert_eq!(aws.proxy.requests().len(), 0);
}

#[test]
fn user_and_password_are_for_the_proxy_and_for_nobody_else() {
    let aws = Aws::with_names(&[AWS]);
    let url = format!(
        "http://user:p%40ss%2Fword-of-this-test@{}",
        aws.proxy.authority()
    );
    let epicac = aws
        .epicac(&["--role-arn", READER, "--region=eu-central-1"])
        .var("https_proxy", url)
        .var("HTTPS_PROXY", "http://127.0.0.1:1");
    gets_role(epicac, 1);
    // user:p@ss/word-of-this-test
    let expected = "Proxy-Authorization: Basic dXNlcjpwQHNzL3dvcmQtb2YtdGhpcy10ZXN0\r\n";
    let requests = aws.proxy.requests();
    assert!(requests[0].contains(expected), "{}", requests[0]);
    let seen = aws.sts.agent().requests();
    assert_eq!(seen[0].header("Proxy-Authorization"), None);
}

#[test]
fn a_proxy_that_refuses_is_told_with_its_remedy() {
    let cases = [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nwhat",
            "status 407",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "status 403"),
        ("HTTP/1.1 200 OK\r\n\r\nmore", "not that of an HTTP proxy"),
        ("SSH-2.0-OpenSSH_9.6\r\n", "not that of an HTTP proxy"),
        ("", "not that of an HTTP proxy"),
    ];
    each(&cases, |(answer, part)| {
        let agent = generous_agent();
        let proxy = Proxy::answering(answer, None).unwrap();
        let url = format!("http://user:a-password-of-this-test@{}", proxy.authority());
        let epicac = Epicac::asking(&agent)
            .secret("a-password-of-this-test")
            .var("HTTPS_PROXY", url)
            .var("AWS_REGION", "eu-central-1");
        let outcome = epicac.arg("--role-arn").arg(READER).run();
        let proxy = format!("http://{}", proxy.authority());
        outcome.fails_with(&["no connection to AWS STS", &proxy, part]);
    });
}

/// A proxy resolves the name in the pod's place: where STS has no such endpoint, it says so by a status.
#[test]
fn a_proxy_that_knows_no_such_endpoint_of_sts_is_told_with_the_variable() {
    let mut cases = Vec::new();
    for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        for (status, is_of_name) in [
            (404, true),
            (500, true),
            (502, true),
            (503, true),
            (504, true),
            (403, false),
            (407, false),
        ] {
            let remedy = format!("{variable} asks for this endpoint: has STS one in this region");
            cases.push((variable, "true", status, remedy, is_of_name));
            cases.push((variable, "false", status, "asks for".into(), false));
        }
    }
    each(&cases, |(variable, value, status, remedy, is_of_name)| {
        let agent = generous_agent();
        let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").leak();
        let proxy = Proxy::answering(answer, None).unwrap();
        let epicac = Epicac::asking(&agent)
            .var("HTTPS_PROXY", format!("http://{}", proxy.authority()))
            .var("AWS_REGION", "eu-central-1")
            .var(variable, value);
        let outcome = epicac.arg("--role-arn").arg(READER).run();
        let line = outcome.fails_with(&["no connection to AWS STS", &format!("status {status}")]);
        assert_eq!(line.contains(remedy), *is_of_name, "{line}");
    });
}

#[test]
fn a_proxy_that_says_nothing_is_told_and_not_sts() {
    let agent = generous_agent();
    // Nobody accepts, but the kernel does.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let epicac = Epicac::asking(&agent)
        .var("HTTPS_PROXY", &url)
        .var("AWS_REGION", "eu-central-1");
    let outcome = epicac.arg("--role-arn").arg(READER).run();
    let what = format!("no connection to AWS STS: {url}");
    outcome.fails_with(&[&what, "it did not respond in time"]);
}

#[test]
fn what_is_no_http_proxy_is_refused_before_any_connection() {
    let agent = generous_agent();
    for url in ["https://127.0.0.1:1", "socks5://127.0.0.1:1", "http://"] {
        let epicac = Epicac::asking(&agent)
            .var("HTTPS_PROXY", url)
            .var("AWS_REGION", "eu-central-1");
        let outcome = epicac.arg("--role-arn").arg(READER).run();
        outcome.fails_with(&["invalid proxy", "HTTPS_PROXY"]);
    }
    assert_eq!(agent.connections(), 0);
    // Nor does it matter where there are no roles.
    Epicac::asking(&agent)
        .var("HTTPS_PROXY", "socks5://127.0.0.1:1")
        .run()
        .succeeds();
}

#[test]
fn a_name_that_cannot_be_resolved_is_told_with_what_to_do() {
    let agent = generous_agent();
    let epicac = Epicac::asking(&agent)
        .var("HTTPS_PROXY", "http://proxy.invalid:3128")
        .var("AWS_REGION", "eu-central-1");
    let outcome = epicac.arg("--role-arn").arg(READER).run();
    outcome.fails_with(&["no connection to AWS STS", "proxy.invalid"]);
    assert!(outcome.took.as_secs() < 10, "it took {:?}", outcome.took);
    assert_eq!(agent.connections(), 0);
}

/// A DNS server that knows every name, but fails below the search domain of the node.
const DNS: &str = r#"
import os, socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
if os.fork():
    os._exit(0)
while True:
    query, client = server.recvfrom(512)
    end, labels = 12, []
    while query[end]:
        labels.append(query[end + 1 : end + 1 + query[end]])
        end += 1 + query[end]
    question = query[12 : end + 5]
    failed = labels[-2:] == [b"corp", b"example"]
    if failed:
        open(sys.argv[1], "w").close()
    known = not failed and question[-4:-2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1" if known else b""
    counts = bytes([0, 1, 0, known, 0, 0, 0, 0])
    server.sendto(query[:2] + (b"\x81\x82" if failed else b"\x81\x80") + counts + question + answer, client)
"#;

/// With what pods have in /etc/resolv.conf, the musl of a static binary gives up at the first search domain; glibc
/// asks there, too, and goes on.
#[test]
fn the_names_of_aws_are_not_looked_for_in_search_domains() {
    let Some(python) = require("python3") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (dns, resolv, searched) = (at("dns.py"), at("resolv.conf"), at("searched"));
    fs::write(&dns, DNS).unwrap();
    let search =
        "search default.svc.corp.example corp.example\noptions ndots:5\nnameserver 127.0.0.1\n";
    fs::write(&resolv, search).unwrap();
    let setup = format!(
        "mount --bind '{resolv}' /etc/resolv.conf\n'{}' '{dns}' '{searched}' </dev/null >/dev/null 2>&1",
        python.display()
    );
    let flags = ["--mount", "--pid", "--fork", "--kill-child"];
    let Some(namespace) = Namespace::with(&flags, &setup) else {
        return;
    };
    // The name is resolved before anything is asked; then there is no agent.
    let epicac = Epicac::new()
        .full_uri("http://127.0.0.1:1/v1/credentials")
        .var("AWS_REGION", "eu-central-1");
    let epicac = epicac.arg("--role-arn").arg(READER);
    epicac.under(namespace.prefix()).run().fails_with(&[
        "no response from the container credentials endpoint",
        "refused",
    ]);
    assert!(!fs::exists(searched).unwrap());
}

/// Without the proxy of the tests, and without DNS.
#[test]
fn an_endpoint_that_sts_does_not_have_is_told_with_the_variable_that_asks_for_it() {
    let Some(namespace) = Namespace::with(&["--net", "--mount"], "mount -t tmpfs none /etc") else {
        return;
    };
    for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        let epicac = Epicac::new()
            .full_uri("http://127.0.0.1:1/v1/credentials")
            .var("AWS_REGION", "eu-central-1")
            .var(variable, "True");
        let epicac = epicac.arg("--role-arn").arg(READER);
        let outcome = epicac.under(namespace.prefix()).run();
        outcome.fails_with(&["eu-central-1", variable, "has STS one in this region"]);
    }
}

#[test]
fn what_does_not_speak_tls_is_told() {
    let agent = generous_agent();
    let server = TlsServer::without_tls().unwrap();
    let url = format!("https://{}", server.address());
    let epicac = Epicac::asking(&agent).arg("--role-arn").arg(READER);
    let outcome = epicac.arg("--sts-endpoint").arg(url).run();
    outcome.fails_with(&["no connection to AWS STS", "no TLS connection"]);
}
