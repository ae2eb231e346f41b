//! The server: hyper's, with a limit on everything that a caller can use up.

use super::answer::{self, Refusal};
use super::profile::Profile;
use super::token::CallerToken;
use crate::cli::sentences::CallerError;
use http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use rustix::process::{Resource, getrlimit};
use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, timeout};
use wasmtime_wasi_http::io::TokioIo;

/// Connections at the same time, at most.
const CONNECTIONS: u32 = 256;

/// Further connections that wait in the kernel, at most.
pub(super) const WAITING: u32 = 1_024;

/// How long the head of a request may take, and how long when fewer than half of the places are free.
const HEAD: Duration = Duration::from_secs(5);
const HEAD_WITHOUT_ROOM: Duration = Duration::from_millis(100);

/// How large the head may be, in bytes, and how many fields it may have. hyper accepts no smaller buffer.
const HEAD_BYTES: usize = 8 << 10;
const FIELDS: usize = 32;

/// How long a connection may take in all: a refresh may take 27 seconds.
const CONNECTION: Duration = Duration::from_secs(40);

/// How long requests that are under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(28);

/// The connections that this process can have, and as many descriptors for everything else. Behind the wall it cannot
/// ask.
pub(super) fn places() -> u32 {
    let descriptors = getrlimit(Resource::Nofile).current.map(|it| it / 2);
    let descriptors = descriptors.and_then(|it| u32::try_from(it).ok());
    descriptors.map_or(CONNECTIONS, |it| it.clamp(1, CONNECTIONS))
}

/// What is served.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) places: u32,
    pub(super) token: CallerToken,
    pub(super) profiles: Vec<Arc<Profile>>,
}

impl Server {
    /// Answers until `end` is there, and then those who have asked by then.
    pub(super) async fn run<T>(
        self: Arc<Self>,
        listener: TcpListener,
        end: impl Future<Output = T>,
    ) -> T {
        let places = Arc::new(Semaphore::new(self.places as usize));
        let (stopping, stopped) = watch::channel(());
        let ended = tokio::select! {
            ended = end => ended,
            never = self.accept_all(&listener, &places, &stopped) => match never {},
        };
        drop(listener);
        let _ = stopping.send(());
        let _ = timeout(FAREWELL, places.acquire_many(self.places)).await;
        ended
    }

    async fn accept_all(
        self: &Arc<Self>,
        listener: &TcpListener,
        places: &Arc<Semaphore>,
        stopped: &watch::Receiver<()>,
    ) -> Infallible {
        loop {
            // Nobody closes the semaphore.
            let place = places.clone().acquire_owned().await.ok();
            let Some(stream) = accept(listener).await else {
                continue;
            };
            let has_room = places.available_permits() >= self.places as usize / 2;
            let head = if has_room { HEAD } else { HEAD_WITHOUT_ROOM };
            let (server, stopped) = (self.clone(), stopped.clone());
            tokio::spawn(async move {
                // The caller sees what went wrong on its connection.
                let _ = timeout(CONNECTION, server.talk(stream, head, stopped)).await;
                drop(place);
            });
        }
    }

    /// One request, and its answer.
    async fn talk(
        self: Arc<Self>,
        stream: TcpStream,
        head: Duration,
        mut stopped: watch::Receiver<()>,
    ) {
        let asked = Notify::new();
        let service = service_fn(|request| {
            asked.notify_one();
            let server = self.clone();
            async move {
                let answer = server.credentials(&request).await;
                Ok::<_, Infallible>(answer::response(answer))
            }
        });
        let connection = http1::Builder::new()
            .max_buf_size(HEAD_BYTES)
            .max_headers(FIELDS)
            // Nothing is idle, and nobody holds a place for longer than an answer takes.
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        let too_late = async {
            if timeout(head, asked.notified()).await.is_ok() {
                pending::<()>().await;
            }
        };
        let (mut connection, mut too_late) = (pin!(connection), pin!(too_late));
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                () = too_late.as_mut() => return,
                Ok(()) = stopped.changed() => connection.as_mut().graceful_shutdown(),
            }
        }
    }

    async fn credentials<B>(&self, request: &Request<B>) -> Result<Vec<u8>, Refusal> {
        let name = answer::asked(request, self.address, &self.token)?;
        let mut profiles = self.profiles.iter();
        let profile = match name {
            None => profiles.next(),
            name => profiles.find(|profile| profile.name.as_deref() == name),
        };
        match profile {
            Some(profile) => profile.credentials().await,
            None => Err(CallerError::Path.into()),
        }
    }
}

/// The next connection, if it is one of this machine.
async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, peer)) => peer.ip().is_loopback().then_some(stream),
        Err(error) => {
            // A connection that is gone already needs no pause. A lack of descriptors or memory does.
            if error.kind() != io::ErrorKind::ConnectionAborted {
                sleep(Duration::from_millis(10)).await;
            }
            None
        }
    }
}
