//! Names to addresses, in bounded time. The program does this before the second wall stands: behind it
//! there is no DNS, no file to look a name up in, and no thread.

use super::error::RouteError;
use crate::file;
use epicac_component::endpoint::Host;
use epicac_component::sts::partition::is_aws_name;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;

/// The time that names may take. The C library asks again after five seconds at the latest.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(6);

/// How many addresses of a name are tried at most.
const ADDRESSES: usize = 8;

/// The addresses of a host that is an address or `localhost`. `localhost` is this machine by definition (RFC 6761 §6.3),
/// which needs neither DNS nor /etc/hosts.
pub(crate) fn literal(host: &Host, port: u16) -> Option<Vec<SocketAddr>> {
    let at = |address| SocketAddr::new(address, port);
    match host.ip() {
        Some(address) => Some(vec![at(address)]),
        None if host.is_loopback() => {
            let both = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            Some(both.map(at).into())
        }
        None => None,
    }
}

/// The addresses of a host. The C library resolves a name on a thread of its own, which has ended when this returns.
pub(crate) fn resolve(
    host: &Host,
    port: u16,
    until: Instant,
) -> Result<Vec<SocketAddr>, RouteError> {
    if let Some(addresses) = literal(host, port) {
        return Ok(addresses);
    }
    let name = host.to_string();
    if Instant::now() >= until {
        return Err(RouteError::NameTimeout(name));
    }
    let (sender, receiver) = mpsc::channel();
    let resolver = thread::Builder::new().spawn({
        let name = looked_up(&name);
        move || {
            let found = (name.as_str(), port).to_socket_addrs();
            let found = found.map(|found| found.take(ADDRESSES).collect());
            // If the receiver is gone, the process is about to end.
            let _ = sender.send(found);
        }
    });
    let resolver = resolver.map_err(|error| unknown(&name, &error))?;
    let left = until.saturating_duration_since(Instant::now());
    let Ok(found) = receiver.recv_timeout(left) else {
        return Err(RouteError::NameTimeout(name));
    };
    // The thread must end before the wall is put up, because the wall does not cover threads that exist already.
    let _ = resolver.join();
    let found: Vec<_> = found.map_err(|error| unknown(&name, &error))?;
    if found.is_empty() {
        return Err(RouteError::NoAddress(name));
    }
    Ok(found)
}

/// The same, on a thread of the executor, for a program without the wall.
pub(crate) async fn resolve_in_background(
    host: &Host,
    port: u16,
) -> Result<Vec<SocketAddr>, RouteError> {
    let (name, until) = (host.to_string(), Instant::now() + TIMEOUT);
    let host = host.clone();
    let resolved = spawn_blocking(move || resolve(&host, port, until)).await;
    resolved.unwrap_or_else(|error| Err(unknown(&name, &error)))
}

/// The name as the C library is asked for it. AWS's names are absolute: in the search domains of a pod
/// (`ndots:5`) they are looked up in vain, and musl gives up at a domain whose server fails. /etc/hosts knows names
/// only without the dot.
fn looked_up(name: &str) -> String {
    const HOSTS: &str = "/etc/hosts";
    const HOSTS_BYTES: usize = 1 << 20;
    let is_in_hosts = || {
        let hosts = file::read(Path::new(HOSTS), HOSTS_BYTES).unwrap_or_default();
        let hosts = String::from_utf8_lossy(&hosts).into_owned();
        hosts.lines().any(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let mut names = line.split_whitespace().skip(1);
            names.any(|known| known.eq_ignore_ascii_case(name))
        })
    };
    if is_aws_name(name) && !is_in_hosts() {
        format!("{name}.")
    } else {
        name.to_owned()
    }
}

fn unknown(name: &str, why: &dyn ToString) -> RouteError {
    RouteError::NameUnknown(name.to_owned(), why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_component::endpoint::Endpoint;
    use epicac_tests::rows;

    fn host(text: &str) -> Host {
        let named = Endpoint::from_full_uri(&format!("https://{text}"));
        named.unwrap().host().clone()
    }

    #[test]
    fn an_address_is_not_looked_up_and_localhost_is_this_machine() {
        for [name, addresses] in rows(
            "
            10.0.0.1  | [10.0.0.1:443]
            [::1]     | [[::1]:443]
            localhost | [127.0.0.1:443, [::1]:443]",
        ) {
            let found = resolve(&host(name), 443, Instant::now()).unwrap();
            assert_eq!(format!("{found:?}"), addresses);
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_an_error() {
        // RFC 6761 §6.4: no resolver knows it.
        let until = Instant::now() + TIMEOUT;
        let error = resolve(&host("sts.invalid"), 443, until).unwrap_err();
        let line = error.to_string();
        assert!(line.starts_with("sts.invalid: "), "{line}");
    }

    #[test]
    fn names_of_aws_are_absolute() {
        for [name, expected] in rows(
            "
            sts.eu-central-1.amazonaws.com  | sts.eu-central-1.amazonaws.com.
            sts.cn-north-1.amazonaws.com.cn | sts.cn-north-1.amazonaws.com.cn.
            sts.us-east-1.api.aws           | sts.us-east-1.api.aws.
            sts.notamazonaws.com            | sts.notamazonaws.com
            sts.corp                        | sts.corp
            proxy                           | proxy",
        ) {
            assert_eq!(looked_up(name), expected);
        }
    }

    #[test]
    fn a_name_is_not_waited_for_when_the_time_is_over() {
        let resolved = resolve(&host("sts.invalid"), 443, Instant::now());
        assert!(matches!(resolved, Err(RouteError::NameTimeout(name)) if name == "sts.invalid"));
    }
}
