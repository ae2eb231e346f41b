//! TLS in front of a stand-in, with certificates of an authority of the test's own.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// On 127.0.0.1, one that the system chooses.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A certificate authority that nobody trusts but who is told to.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    pub fn new() -> Result<Authority, Box<dyn Error>> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "The authority of a test of epicac");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Authority { issuer })
    }

    /// Its certificate, as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for these names or addresses, and its key, both as PEM.
    pub fn issue(&self, names: &[&str]) -> Result<(String, String), Box<dyn Error>> {
        let (certificate, key) = self.certificate(names)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    fn certificate(&self, names: &[&str]) -> Result<(rcgen::Certificate, KeyPair), Box<dyn Error>> {
        let key = KeyPair::generate()?;
        let names = names.iter().map(ToString::to_string);
        let mut params = CertificateParams::new(names.collect::<Vec<_>>())?;
        // Of the same name as the authority, it would be taken for self-signed.
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "A server of a test of epicac");
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate, key))
    }
}

/// A server that ends TLS and passes each request on to another one. Dropping it closes its socket.
pub struct TlsServer {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl TlsServer {
    /// Listens on 127.0.0.1 in front of the server at `behind`, with a certificate for these names.
    pub fn start(
        behind: SocketAddr,
        authority: &Authority,
        names: &[&str],
    ) -> Result<TlsServer, Box<dyn Error>> {
        TlsServer::listen(ANY_PORT, behind, authority, names)
    }

    /// The same at an address.
    pub fn listen(
        address: SocketAddr,
        behind: SocketAddr,
        authority: &Authority,
        names: &[&str],
    ) -> Result<TlsServer, Box<dyn Error>> {
        let (certificate, key) = authority.certificate(names)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let config = Arc::new(config);
        Ok(TlsServer::serving(address, move |stream| {
            pass_on(stream, Arc::clone(&config), behind)
        })?)
    }

    /// One that does not speak TLS after all: whatever it is asked, it answers in plain HTTP.
    pub fn without_tls() -> io::Result<TlsServer> {
        TlsServer::serving(ANY_PORT, |mut stream| {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        })
    }

    fn serving(
        address: SocketAddr,
        serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static,
    ) -> io::Result<TlsServer> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let serve = serve.clone();
                // Whatever goes wrong goes wrong for the client, which says so.
                thread::spawn(move || stream.and_then(serve));
            }
        });
        Ok(TlsServer {
            address,
            stopping,
            acceptor: Some(acceptor),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The acceptor sits in `accept`; one more connection lets it look around.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            let _ = self.acceptor.take().map(JoinHandle::join);
        }
    }
}

/// One request and its response.
fn pass_on(stream: TcpStream, config: Arc<ServerConfig>, behind: SocketAddr) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut client = StreamOwned::new(connection, stream);
    let mut request = Vec::new();
    let mut buffer = [0; 8192];
    while !is_complete(&request) {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        request.extend(buffer.iter().take(count));
    }
    let mut server = TcpStream::connect(behind)?;
    server.write_all(&request)?;
    io::copy(&mut server, &mut client)?;
    client.conn.send_close_notify();
    client.flush()
}

fn is_complete(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|it| it == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(request.get(..end).unwrap_or_default()).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0);
    request.len() >= end + 4 + length
}
