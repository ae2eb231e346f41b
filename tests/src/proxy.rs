//! An HTTP proxy that takes every tunnel to one and the same place, whatever it is asked for: so the names
//! of AWS lead to a stand-in.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A running proxy. Dropping it closes its socket.
pub struct Proxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Listens on 127.0.0.1. Each tunnel leads to `target`.
    pub fn start(target: SocketAddr) -> io::Result<Proxy> {
        Proxy::answering("HTTP/1.1 200 Connection established\r\n\r\n", Some(target))
    }

    /// A proxy that answers each request with these bytes, and makes a tunnel if there is a target.
    pub fn answering(answer: &'static str, target: Option<SocketAddr>) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let stopping = Arc::new(AtomicBool::new(false));
        let (seen, log) = (Arc::clone(&stopping), Arc::clone(&requests));
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let log = Arc::clone(&log);
                thread::spawn(move || stream.and_then(|it| serve(it, &log, answer, target)));
            }
        });
        Ok(Proxy {
            address,
            requests,
            stopping,
            acceptor: Some(acceptor),
        })
    }

    /// Its host and port.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// The heads of the requests so far, whole.
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The acceptor sits in `accept`; one more connection lets it look around.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            let _ = self.acceptor.take().map(JoinHandle::join);
        }
    }
}

fn serve(
    mut client: TcpStream,
    log: &Mutex<Vec<String>>,
    answer: &str,
    target: Option<SocketAddr>,
) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.extend(byte);
    }
    log.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(String::from_utf8_lossy(&head).into_owned());
    client.write_all(answer.as_bytes())?;
    let Some(target) = target else {
        return Ok(());
    };
    let server = TcpStream::connect(target)?;
    let (mut there, mut back) = ((client.try_clone()?, server.try_clone()?), (server, client));
    let sending = thread::spawn(move || {
        let _ = io::copy(&mut there.0, &mut there.1);
        there.1.shutdown(Shutdown::Write)
    });
    let _ = io::copy(&mut back.0, &mut back.1);
    let _ = back.1.shutdown(Shutdown::Both);
    let _ = sending.join();
    Ok(())
}
