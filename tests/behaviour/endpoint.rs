//! §1, which endpoint: the ones that are asked, and how.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use epicac_tests::{Agent, Answer, Epicac, require};

use crate::cases::{each, generous_agent, gets_credentials, valid};

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

#[test]
fn neither_variable_fails_naming_both() {
    Epicac::new().run().fails_with(&[RELATIVE, FULL]);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    Epicac::new()
        .full_uri("")
        .run()
        .fails_with(&[RELATIVE, FULL]);
    Epicac::new()
        .full_uri("")
        .relative_uri("")
        .run()
        .fails_with(&[RELATIVE, FULL]);

    let agent = generous_agent();
    let epicac = Epicac::asking(&agent)
        .relative_uri("")
        .token("")
        .token_file("");
    epicac.run().succeeds();
    assert_eq!(agent.requests()[0].header("Authorization"), None);
}

#[test]
fn a_relative_uri_must_begin_with_a_slash_and_cannot_change_the_host() {
    let agent = generous_agent();
    let port = agent.address().port();
    let uris = [
        format!("@127.0.0.1:{port}/x"),
        format!(":{port}@127.0.0.1:{port}/x"),
        ".evil.example/x".to_owned(),
        "v2/credentials".to_owned(),
        agent.url(),
        "?x".to_owned(),
        " /x".to_owned(),
    ];
    each(&uris, |uri| {
        // It wins although it is not valid: the full URI beside it is not asked instead.
        Epicac::asking(&agent)
            .relative_uri(uri)
            .run()
            .fails_with(&[RELATIVE]);
    });
    assert_eq!(agent.connections(), 0);
}

#[test]
fn every_address_of_the_loopback_block_is_asked() {
    for address in [
        "127.0.0.1:0",
        "127.0.0.2:0",
        "127.1.2.3:0",
        "127.255.255.254:0",
    ] {
        let agent = Agent::listen(address.parse().unwrap()).unwrap();
        agent.always(Answer::json(&valid()));
        Epicac::asking(&agent).run().succeeds();
        assert_eq!(
            agent.requests()[0].header_values("Host"),
            [agent.address().to_string()]
        );
    }
}

#[test]
fn ipv6_loopback_is_asked_and_host_is_its_canonical_text() {
    let Some(agent) = agent_on_ipv6_loopback() else {
        return;
    };
    agent.always(Answer::json(&valid()));
    let port = agent.address().port();
    for host in ["[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0:1]"] {
        Epicac::new()
            .full_uri(format!("http://{host}:{port}/"))
            .run()
            .succeeds();
    }
    for request in agent.requests() {
        assert_eq!(request.header_values("Host"), [format!("[::1]:{port}")]);
    }
    assert_eq!(agent.requests().len(), 4);
}

#[test]
fn localhost_is_asked_and_stays_the_host() {
    let agent = generous_agent();
    let host = format!("localhost:{}", agent.address().port());
    Epicac::new()
        .full_uri(format!("http://{host}/"))
        .run()
        .succeeds();
    assert_eq!(agent.requests()[0].header_values("Host"), [host]);
}

#[test]
fn localhost_is_127_0_0_1_before_it_is_ipv6() {
    let Some((agent_4, agent_6)) = agents_on_the_same_port() else {
        return;
    };
    let uri = format!("http://localhost:{}/", agent_4.address().port());
    Epicac::new().full_uri(&uri).run().succeeds();
    assert_eq!((agent_4.connections(), agent_6.connections()), (1, 0));
}

#[test]
fn localhost_is_ipv6_when_nothing_listens_on_127_0_0_1() {
    let Some((agent_4, agent_6)) = agents_on_the_same_port() else {
        return;
    };
    let uri = format!("http://localhost:{}/", agent_6.address().port());
    let _nobody = nobody_listens_instead_of(agent_4);
    Epicac::new().full_uri(&uri).run().succeeds();
    assert_eq!(agent_6.connections(), 1);
}

#[test]
fn a_scheme_is_read_in_any_case() {
    let agent = generous_agent();
    for scheme in ["http", "HTTP", "Http"] {
        let uri = format!("{scheme}://{}/", agent.address());
        gets_credentials(Epicac::new().full_uri(uri));
    }
}

#[test]
fn path_and_query_go_out_verbatim() {
    let agent = generous_agent();
    let targets = [
        "/",
        "/v1/credentials",
        "/v1/credentials/",
        "//v1//credentials",
        "/a/../b/./c",
        "/a%2Fb%2fc%20%E2%82%AC",
        "/a;b=c:d@e,f!g$h&i'j(k)l*m+n~o_p-q.r",
        "/?",
        "/?a=2&a=1&a=2&b",
        "/x?y=/?z&q=%00",
        "/@host:80/",
    ];
    for target in targets {
        Epicac::new()
            .full_uri(agent.url_of(target))
            .run()
            .succeeds();
    }
    let seen: Vec<String> = agent
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    assert_eq!(seen, targets);
}

#[test]
fn an_empty_path_is_a_slash() {
    let agent = generous_agent();
    Epicac::new().full_uri(agent.url_of("")).run().succeeds();
    Epicac::new()
        .full_uri(agent.url_of("?a=1"))
        .run()
        .succeeds();
    let seen: Vec<String> = agent
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    assert_eq!(seen, ["/", "/?a=1"]);
}

#[test]
fn an_endpoint_that_nobody_listens_on_fails() {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let nobody = bound(&any_port).unwrap();
    let address = SocketAddr::try_from(rustix::net::getsockname(&nobody).unwrap()).unwrap();
    let outcome = Epicac::new().full_uri(format!("http://{address}/")).run();
    outcome.fails_with(&[]);
    // A refused connection takes no time: the waits of three attempts do.
    assert!(
        outcome.took > Duration::from_millis(300),
        "took {:?}",
        outcome.took
    );
}

fn agent_on_ipv6_loopback() -> Option<Agent> {
    let address: SocketAddr = "[::1]:0".parse().unwrap();
    match Agent::listen(address) {
        Ok(agent) => Some(agent),
        Err(error) => {
            require::skipped(&format!("no IPv6 loopback: {error}"));
            None
        }
    }
}

/// Two generous agents, on 127.0.0.1 and on [::1].
fn agents_on_the_same_port() -> Option<(Agent, Agent)> {
    loop {
        let agent_6 = agent_on_ipv6_loopback()?;
        let address = SocketAddr::from(([127, 0, 0, 1], agent_6.address().port()));
        // The port may be another test's on 127.0.0.1: then the next one will do.
        let Ok(agent_4) = Agent::listen(address) else {
            continue;
        };
        agent_4.always(Answer::json(&valid()));
        agent_6.always(Answer::json(&valid()));
        return Some((agent_4, agent_6));
    }
}

/// A socket that keeps the agent's address, so that no other test gets it, without listening there.
fn nobody_listens_instead_of(agent: Agent) -> impl Sized {
    let address = agent.address();
    drop(agent);
    // For a moment the port may be that of a connection of another test.
    let attempts = std::iter::repeat_with(|| {
        let bound = bound(&address);
        bound.inspect_err(|_| std::thread::sleep(Duration::from_millis(20)))
    });
    attempts.take(100).find_map(Result::ok).unwrap()
}

/// A socket that has this address and does not listen.
fn bound(address: &SocketAddr) -> rustix::io::Result<impl AsFd + use<>> {
    use rustix::net::{AddressFamily, SocketType, bind, socket, sockopt::set_socket_reuseaddr};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    set_socket_reuseaddr(&socket, true)?;
    bind(&socket, address)?;
    Ok(socket)
}
