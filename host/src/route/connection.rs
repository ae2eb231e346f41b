//! A connection on a route: TCP, perhaps a tunnel through a proxy, and TLS unless the server is an STS on this
//! machine that is asked over http.

use super::flaw::RouteFlaw;
use super::name;
use super::proxy::Proxy;
use super::stream::Stream;
use super::trust::{self, BundleFlaw};
use super::tunnel::tunnel;
use crate::outgoing::READ_TIMEOUT;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::Error;

/// How long an address is waited for before the next one is tried beside it (RFC 8305 §5).
const STAGGER: Duration = Duration::from_millis(250);

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Route {
    end: Endpoint,
    proxy: Option<Proxy>,
    ca_bundle: Option<PathBuf>,
    /// The addresses that are connected to, once they are known for good.
    pinned: OnceLock<Vec<SocketAddr>>,
    tls: OnceLock<Tls>,
}

struct Tls(TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Why there is no connection: what the component gets to know, and what people do.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) flaw: Option<RouteFlaw>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, flaw: None }
    }
}

impl Route {
    pub(crate) fn new(end: Endpoint, proxy: Option<Proxy>, ca_bundle: Option<PathBuf>) -> Self {
        Self {
            end,
            proxy,
            ca_bundle,
            pinned: OnceLock::new(),
            tls: OnceLock::new(),
        }
    }

    /// The server at its end.
    pub(crate) fn end(&self) -> &Endpoint {
        &self.end
    }

    /// The proxy on it.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The file that says whom TLS trusts.
    pub(crate) fn ca_bundle(&self) -> Option<&PathBuf> {
        self.ca_bundle.as_ref()
    }

    /// The host and port that are connected to.
    pub(crate) fn first_stop(&self) -> (&Host, u16) {
        match &self.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (self.end.host(), port(&self.end)),
        }
    }

    /// Reads whom TLS trusts, and resolves the name that is connected to, before `until`: no file is needed from
    /// then on, and no other address connected to. What is wrong with the way is `error`'s to tell.
    pub(crate) fn prepare(
        &self,
        until: Instant,
        error: fn(RouteFlaw) -> crate::Error,
    ) -> Result<(), crate::Error> {
        let connector = self.connector().map(drop);
        connector.map_err(|flaw| crate::Error::CaBundle {
            path: self.ca_bundle.clone().unwrap_or_default(),
            flaw,
        })?;
        self.pin(until).map_err(error)
    }

    fn pin(&self, until: Instant) -> Result<(), RouteFlaw> {
        if self.end.scheme() == Scheme::Https {
            server_name(self.end.host())?;
        }
        let (host, port) = self.first_stop();
        if self.pinned.get().is_none() {
            let addresses = name::resolve(host, port, until)?;
            self.pinned.get_or_init(|| addresses);
        }
        Ok(())
    }

    fn connector(&self) -> Result<Option<&TlsConnector>, BundleFlaw> {
        if self.end.scheme() == Scheme::Http {
            return Ok(None);
        }
        if let Some(Tls(connector)) = self.tls.get() {
            return Ok(Some(connector));
        }
        let config = trust::client_config(self.ca_bundle.as_deref())?;
        let Tls(connector) = self.tls.get_or_init(|| Tls(TlsConnector::from(config)));
        Ok(Some(connector))
    }

    /// A connection on which requests can be sent. `limit` is the time for TCP alone; what else has to be
    /// read to get there has as much as the response has.
    pub(crate) async fn connect(&self, limit: Duration) -> Result<Stream, Failure> {
        let looked_up;
        let addresses = match self.pinned.get() {
            Some(pinned) => pinned,
            None => {
                let (host, port) = self.first_stop();
                let found = name::resolve_in_background(host, port).await;
                looked_up = found.map_err(|flaw| Failure {
                    error: Error::DestinationNotFound,
                    flaw: Some(flaw),
                })?;
                &looked_up
            }
        };
        let connected = timeout(limit, first_to_connect(addresses)).await;
        let stream = match connected {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(self.not_connected(&error, Error::Connect)),
            Err(_) => {
                let error = io::Error::from(io::ErrorKind::TimedOut);
                return Err(self.not_connected(&error, |_| Error::ConnectionTimeout));
            }
        };
        let until = tokio::time::Instant::now() + READ_TIMEOUT;
        let stream = self.through_proxy(stream, until).await?;
        match timeout_at(until, self.establish(stream)).await {
            Ok(established) => established,
            Err(_) => Err(Error::ConnectionReadTimeout.into()),
        }
    }

    /// That the server cannot be connected to is for the component to tell; of the proxy it knows nothing.
    fn not_connected(&self, why: &io::Error, error: impl FnOnce(io::Error) -> Error) -> Failure {
        let flaw = self
            .proxy
            .as_ref()
            .map(|proxy| RouteFlaw::ProxyUnreachable {
                proxy: proxy.to_string(),
                why: why.to_string(),
            });
        let kind = why.kind();
        Failure {
            error: error(kind.into()),
            flaw,
        }
    }

    async fn through_proxy(
        &self,
        mut stream: TcpStream,
        until: tokio::time::Instant,
    ) -> Result<TcpStream, Failure> {
        let Some(proxy) = &self.proxy else {
            return Ok(stream);
        };
        let tunnel = timeout_at(until, tunnel(&mut stream, proxy, &self.end)).await;
        let silent = |_| {
            Err(RouteFlaw::ProxyUnreachable {
                proxy: proxy.to_string(),
                why: "it did not respond in time".to_owned(),
            })
        };
        match tunnel.unwrap_or_else(silent) {
            Ok(()) => Ok(stream),
            Err(flaw) => Err(Failure {
                error: Error::ConnectionRefused,
                flaw: Some(flaw),
            }),
        }
    }

    async fn establish(&self, stream: TcpStream) -> Result<Stream, Failure> {
        let connector = self.connector().map_err(|_| Error::ConfigurationError)?;
        let Some(connector) = connector else {
            return Ok(Stream::Plain(stream));
        };
        let name = server_name(self.end.host()).map_err(|flaw| Failure {
            error: Error::ConfigurationError,
            flaw: Some(flaw),
        })?;
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| self.without_tls(&error))?;
        Ok(Stream::Tls(Box::new(stream)))
    }

    fn without_tls(&self, error: &io::Error) -> Failure {
        let host = self.end.host().to_string();
        let tls = error
            .get_ref()
            .and_then(|error| error.downcast_ref::<rustls::Error>());
        let Some(tls) = tls else {
            // The connection itself ended.
            let why = error.to_string();
            return Failure {
                error: Error::ConnectionTerminated,
                flaw: Some(RouteFlaw::Tls { host, why }),
            };
        };
        match tls {
            // Another authority of the same name has another key.
            rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => Failure {
                error: Error::TlsCertificateError,
                flaw: Some(RouteFlaw::UnknownIssuer {
                    host,
                    by_bundle: self.ca_bundle.is_some(),
                }),
            },
            rustls::Error::InvalidCertificate(why) => Failure {
                error: Error::TlsCertificateError,
                flaw: Some(RouteFlaw::Certificate {
                    host,
                    why: why.to_string(),
                }),
            },
            other => Failure {
                error: Error::TlsProtocolError,
                flaw: Some(RouteFlaw::Tls {
                    host,
                    why: other.to_string(),
                }),
            },
        }
    }
}

/// The port of an endpoint, or else that of its scheme.
pub(crate) fn port(endpoint: &Endpoint) -> u16 {
    endpoint.port().unwrap_or(match endpoint.scheme() {
        Scheme::Http => 80,
        Scheme::Https => 443,
    })
}

/// What the certificate has to be for.
fn server_name(host: &Host) -> Result<ServerName<'static>, RouteFlaw> {
    match host {
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        Host::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| RouteFlaw::NoCertificateName(name.clone())),
    }
}

type Attempt<'a> = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + 'a>>;

/// Connects to the addresses, in their order. One that does not answer does not keep the next one from
/// being tried, and one that refuses is not waited for.
async fn first_to_connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut next = addresses.iter();
    let mut attempts: Vec<Attempt<'_>> = Vec::new();
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    loop {
        match next.next() {
            Some(address) => attempts.push(Box::pin(TcpStream::connect(address))),
            None if attempts.is_empty() => return Err(refused),
            None => {}
        }
        let mut stagger = Box::pin(sleep(STAGGER));
        let is_last = next.len() == 0;
        let step = poll_fn(|cx| {
            let mut index = 0;
            let mut is_refused = false;
            while let Some(attempt) = attempts.get_mut(index) {
                match attempt.as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Some(stream)),
                    Poll::Ready(Err(error)) => {
                        refused = error;
                        is_refused = true;
                        drop(attempts.swap_remove(index));
                    }
                    Poll::Pending => index += 1,
                }
            }
            if is_refused || (!is_last && stagger.as_mut().poll(cx).is_ready()) {
                return Poll::Ready(None);
            }
            Poll::Pending
        });
        if let Some(stream) = step.await {
            return Ok(stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::StalledListener;
    use epicac_tests::require::skipped;

    #[test]
    fn a_name_that_no_certificate_can_be_for_is_told_before_it_is_looked_up() {
        for name in ["127.1", "2130706433", "agent-.example"] {
            let end = Endpoint::from_full_uri(&format!("https://{name}/")).unwrap();
            let route = Route::new(end, None, None);
            let error = route.prepare(Instant::now(), crate::Error::Endpoint);
            let expected = RouteFlaw::NoCertificateName(name.to_owned());
            assert!(
                matches!(error, Err(crate::Error::Endpoint(flaw)) if flaw == expected),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_makes_way_for_the_next() {
        let Some(stalled) = StalledListener::start().unwrap() else {
            return skipped("a full backlog does not stall a connection here");
        };
        let stalled = stalled.address().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let connected = timeout(4 * STAGGER, first_to_connect(&[stalled, good])).await;
        let stream = connected.expect("the next one is tried").unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    }

    #[tokio::test]
    async fn an_address_that_refuses_makes_way_for_the_next() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let refusing = {
            let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            gone.local_addr().unwrap()
        };
        assert!(first_to_connect(&[refusing, good]).await.is_ok());
        assert!(first_to_connect(&[refusing]).await.is_err());
        assert!(first_to_connect(&[]).await.is_err());
    }
}
