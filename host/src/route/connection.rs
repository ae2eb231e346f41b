//! A connection on a route: TCP, perhaps a tunnel through a proxy, and TLS unless the server is an STS on this
//! machine that is asked over http.

use super::connect::connect;
use super::name;
use super::proxy::Proxy;
use super::trust;
use super::tunnel::tunnel;
use crate::error::RouteError;
use crate::limits::READ_TIMEOUT;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;
use wasmtime_wasi_http::Error;

/// A connection on which requests are sent: in the clear, or under TLS.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Route {
    server: Endpoint,
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

/// Why there is no connection.
pub(crate) struct Failure {
    /// The error for the component.
    pub(crate) error: Error,
    /// The error for people, if it says more.
    pub(crate) why: Option<RouteError>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, why: None }
    }
}

impl Route {
    pub(crate) fn new(server: Endpoint, proxy: Option<Proxy>, ca_bundle: Option<PathBuf>) -> Self {
        Self {
            server,
            proxy,
            ca_bundle,
            pinned: OnceLock::new(),
            tls: OnceLock::new(),
        }
    }

    /// The server at its end.
    pub(crate) fn server(&self) -> &Endpoint {
        &self.server
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
    pub(crate) fn peer(&self) -> (&Host, u16) {
        match &self.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (self.server.host(), self.server.port_or_default()),
        }
    }

    /// Reads the certificates that TLS trusts, and resolves the name that is connected to, before `until`: from then
    /// on no file is needed, and no other address connected to.
    pub(crate) fn prepare(&self, until: Instant) -> Result<(), RouteError> {
        self.connector()?;
        self.pin(until)
    }

    fn pin(&self, until: Instant) -> Result<(), RouteError> {
        if self.server.scheme() == Scheme::Https {
            server_name(self.server.host())?;
        }
        let (host, port) = self.peer();
        if self.pinned.get().is_none() {
            let addresses = name::resolve(host, port, until)?;
            self.pinned.get_or_init(|| addresses);
        }
        Ok(())
    }

    fn connector(&self) -> Result<Option<&TlsConnector>, RouteError> {
        if self.server.scheme() == Scheme::Http {
            return Ok(None);
        }
        if let Some(Tls(connector)) = self.tls.get() {
            return Ok(Some(connector));
        }
        let config = trust::client_config(self.ca_bundle.as_deref());
        let config = config.map_err(|error| {
            let path = self.ca_bundle.clone().unwrap_or_default();
            RouteError::CaBundle(path.to_string_lossy().into_owned(), error)
        })?;
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
                let (host, port) = self.peer();
                let found = name::resolve_in_background(host, port).await;
                looked_up = found.map_err(|why| Failure {
                    error: Error::DestinationNotFound,
                    why: Some(why),
                })?;
                &looked_up
            }
        };
        let connected = timeout(limit, connect(addresses)).await;
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

    /// The component reports a failed connection to the server itself. It does not know the proxy.
    fn not_connected(&self, why: &io::Error, error: impl FnOnce(io::Error) -> Error) -> Failure {
        let proxy = self.proxy.as_ref();
        Failure {
            error: error(why.kind().into()),
            why: proxy
                .map(|proxy| RouteError::ProxyUnreachable(proxy.to_string(), why.to_string())),
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
        let tunnel = timeout_at(until, tunnel(&mut stream, proxy, &self.server)).await;
        match tunnel.unwrap_or_else(|_| Err(RouteError::ProxySilent(proxy.to_string()))) {
            Ok(()) => Ok(stream),
            Err(why) => Err(Failure {
                error: Error::ConnectionRefused,
                why: Some(why),
            }),
        }
    }

    async fn establish(&self, stream: TcpStream) -> Result<Stream, Failure> {
        let misconfigured = |why| Failure {
            error: Error::ConfigurationError,
            why: Some(why),
        };
        let Some(connector) = self.connector().map_err(misconfigured)? else {
            return Ok(Stream::Left(stream));
        };
        let name = server_name(self.server.host()).map_err(misconfigured)?;
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| self.without_tls(&error))?;
        Ok(Stream::Right(Box::new(stream)))
    }

    fn without_tls(&self, error: &io::Error) -> Failure {
        let host = self.server.host().to_string();
        let tls = error
            .get_ref()
            .and_then(|error| error.downcast_ref::<rustls::Error>());
        let Some(tls) = tls else {
            // The connection itself ended.
            return Failure {
                error: Error::ConnectionTerminated,
                why: Some(RouteError::Tls(host, error.to_string())),
            };
        };
        match tls {
            // Another authority of the same name has another key.
            rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => Failure {
                error: Error::TlsCertificateError,
                why: Some(match self.ca_bundle {
                    Some(_) => RouteError::IssuerNotInBundle(host),
                    None => RouteError::UnknownIssuer(host),
                }),
            },
            rustls::Error::InvalidCertificate(why) => Failure {
                error: Error::TlsCertificateError,
                why: Some(RouteError::Certificate(host, why.to_string())),
            },
            other => Failure {
                error: Error::TlsProtocolError,
                why: Some(RouteError::Tls(host, other.to_string())),
            },
        }
    }
}

/// What the certificate has to be for.
fn server_name(host: &Host) -> Result<ServerName<'static>, RouteError> {
    if let Some(address) = host.ip() {
        return Ok(address.into());
    }
    let name = host.to_string();
    ServerName::try_from(name.clone()).map_err(|_| RouteError::NoCertificateName(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_certificate_can_be_for_is_told_before_it_is_looked_up() {
        for name in ["127.1", "2130706433", "agent-.example"] {
            let server = Endpoint::from_full_uri(&format!("https://{name}/")).unwrap();
            let prepared = Route::new(server, None, None).prepare(Instant::now());
            assert!(
                matches!(&prepared, Err(RouteError::NoCertificateName(it)) if it == name),
                "{name}: {prepared:?}"
            );
        }
    }
}
