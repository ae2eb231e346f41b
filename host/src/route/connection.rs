//! A connection on a route: TCP, a tunnel if there is a proxy, and TLS. Only an STS on this machine may be asked over http,
//! without TLS.

use super::connect::connect;
use super::error::RouteError;
use super::name;
use super::proxy::Proxy;
use super::trust;
use super::tunnel::tunnel;
use crate::file;
use crate::limits::READ_TIMEOUT;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;
use wasmtime_wasi_http::Error;

/// A connection on which requests are sent: in the clear, or under TLS.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) server: Endpoint,
    pub(crate) proxy: Option<Proxy>,
    /// The file with the authorities that TLS trusts, in place of the built-in ones.
    pub(crate) ca_bundle: Option<PathBuf>,
    /// The addresses to connect to, once [`prepare`](Self::prepare) has resolved them.
    pinned: OnceLock<Vec<SocketAddr>>,
    tls: OnceLock<Arc<ClientConfig>>,
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

impl From<RouteError> for Failure {
    fn from(why: RouteError) -> Self {
        let error = match &why {
            RouteError::CaBundle(..) | RouteError::NoCertificateName(_) => {
                Error::ConfigurationError
            }
            RouteError::NameTimeout(_)
            | RouteError::NameUnknown(..)
            | RouteError::NoAddress(_)
            | RouteError::Variant(..) => Error::DestinationNotFound,
            RouteError::ProxyUnreachable(..)
            | RouteError::ProxySilent(_)
            | RouteError::NotAProxy(_)
            | RouteError::ProxyNeedsUser(_)
            | RouteError::ProxyRefused(..) => Error::ConnectionRefused,
            RouteError::UnknownIssuer(_)
            | RouteError::IssuerNotInBundle(_)
            | RouteError::Certificate(..) => Error::TlsCertificateError,
            RouteError::Tls(..) => Error::TlsProtocolError,
        };
        let why = Some(why);
        Self { error, why }
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

    /// The host and port to connect to: those of the proxy, or else those of the server.
    pub(crate) fn peer(&self) -> (&Host, u16) {
        match &self.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (self.server.host(), self.server.port_or_default()),
        }
    }

    /// Reads the certificates that TLS trusts, and resolves the name of the [peer](Self::peer) before `until`. From then
    /// on no file is read, and no other address is connected to.
    pub(crate) fn prepare(&self, until: Instant) -> Result<(), RouteError> {
        if self.server.scheme() == Scheme::Https {
            self.tls()?;
            server_name(self.server.host())?;
        }
        if self.pinned.get().is_none() {
            let (host, port) = self.peer();
            let addresses = name::resolve(host, port, until)?;
            self.pinned.get_or_init(|| addresses);
        }
        Ok(())
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, RouteError> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = trust::client_config(self.ca_bundle.as_deref());
        let config = config.map_err(|error| {
            let path = self.ca_bundle.clone().unwrap_or_default();
            RouteError::CaBundle(file::shown(&path), error)
        })?;
        Ok(self.tls.get_or_init(|| config).clone())
    }

    /// A connection on which requests can be sent. `limit` is the time for TCP alone. The tunnel and TLS together have
    /// [`READ_TIMEOUT`].
    pub(crate) async fn connect(&self, limit: Duration) -> Result<Stream, Failure> {
        let looked_up;
        let addresses = match self.pinned.get() {
            Some(pinned) => pinned,
            None => {
                let (host, port) = self.peer();
                looked_up = name::resolve_in_background(host, port).await?;
                &looked_up
            }
        };
        let connected = connect(addresses, limit).await;
        let mut stream = connected.map_err(|error| match &self.proxy {
            Some(proxy) => proxy.unreachable(&error).into(),
            // The component reports a failed connection to the server itself. It does not know the proxy.
            None => Failure::from(Error::Connect(error)),
        })?;
        let until = tokio::time::Instant::now() + READ_TIMEOUT;
        if let Some(proxy) = &self.proxy {
            let tunnel = timeout_at(until, tunnel(&mut stream, proxy, &self.server)).await;
            tunnel.unwrap_or_else(|_| Err(RouteError::ProxySilent(proxy.to_string())))?;
        }
        if self.server.scheme() == Scheme::Http {
            return Ok(Stream::Left(stream));
        }
        let connector = TlsConnector::from(self.tls()?);
        let name = server_name(self.server.host())?;
        match timeout_at(until, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Stream::Right(Box::new(stream))),
            Ok(Err(error)) => Err(self.without_tls(&error).into()),
            Err(_) => Err(Error::ConnectionReadTimeout.into()),
        }
    }

    fn without_tls(&self, error: &io::Error) -> RouteError {
        let host = self.server.host().to_string();
        let tls = error.get_ref().and_then(|error| error.downcast_ref());
        match tls {
            // An authority of the same name, but with another key, shows as a bad signature.
            Some(rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => match self.ca_bundle {
                Some(_) => RouteError::IssuerNotInBundle(host),
                None => RouteError::UnknownIssuer(host),
            },
            Some(rustls::Error::InvalidCertificate(why)) => {
                RouteError::Certificate(host, why.to_string())
            }
            // If it is no error of TLS, the connection itself failed.
            _ => RouteError::Tls(host, error.to_string()),
        }
    }
}

/// The name or address that the certificate has to be for.
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
    fn a_name_that_no_certificate_can_have_is_an_error_before_it_is_looked_up() {
        for name in ["127.1", "2130706433", "agent-.example"] {
            let server = Endpoint::from_full_uri(&format!("https://{name}/")).unwrap();
            let prepared = Route::new(server, None, None).prepare(Instant::now());
            assert!(
                matches!(&prepared, Err(RouteError::NoCertificateName(named)) if named == name),
                "{name}: {prepared:?}"
            );
        }
    }
}
