//! The server: one thread, and a limit on everything that a caller can use up.

use super::answer::{self, Refusal};
use super::error::CallerError;
use super::head::{Head, Request};
use super::lines::Lines;
use super::profile::Profile;
use super::token::CallerToken;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

/// Connections at the same time, at most.
pub(super) const CONNECTIONS: u32 = 256;

/// Further connections that wait in the kernel, at most.
const WAITING: u32 = 4_096;

/// The kernel's buffer for what a caller sends and nobody has read, in bytes. The kernel counts it twice. 256 of them fit
/// into the memory of a small container.
const BUFFER: u32 = 4 << 10;

/// How long the head of a request may take. When places are short, a connection without one goes earlier.
const HEAD: Duration = Duration::from_secs(5);

/// How long a caller may take to take its answer.
const ANSWER: Duration = Duration::from_secs(10);

/// The pause after a failed `accept`, and how long further callers are waited for at the end.
const MOMENT: Duration = Duration::from_millis(10);

/// How long requests that are under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(28);

/// What is served, and to whom.
pub(super) struct Server {
    address: SocketAddr,
    token: CallerToken,
    pub(super) profiles: Vec<Arc<Profile>>,
    lines: Arc<Lines>,
    places: Arc<Semaphore>,
    all_places: u32,
    unfinished: Unfinished,
}

/// The connections without a complete head, by their numbers: the lowest is the oldest.
#[derive(Default)]
struct Unfinished(Mutex<Numbered>);

#[derive(Default)]
struct Numbered {
    next: u64,
    connections: BTreeMap<u64, oneshot::Sender<()>>,
}

/// Listens. A restarted server gets the address again, although the kernel still remembers connections of the last one.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    // Accepted sockets inherit it.
    socket.set_recv_buffer_size(BUFFER)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

impl Server {
    pub(super) fn new(
        address: SocketAddr,
        places: u32,
        token: CallerToken,
        profiles: Vec<Arc<Profile>>,
        lines: Arc<Lines>,
    ) -> Self {
        Self {
            address,
            token,
            profiles,
            lines,
            places: Arc::new(Semaphore::new(places as usize)),
            all_places: places,
            unfinished: Unfinished::default(),
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `end` is there, and then those who have asked by then.
    pub(super) async fn run<T>(
        self: Arc<Self>,
        listener: TcpListener,
        end: impl Future<Output = T>,
    ) -> T {
        let ended = tokio::select! {
            ended = end => ended,
            never = self.accept_all(&listener) => match never {},
        };
        for _ in 0..WAITING {
            if timeout(MOMENT, self.accept(&listener)).await.is_err() {
                break;
            }
        }
        drop(listener);
        while self.unfinished.drop_oldest() {}
        let _ = timeout(FAREWELL, self.places.acquire_many(self.all_places)).await;
        ended
    }

    async fn accept_all(self: &Arc<Self>, listener: &TcpListener) -> Infallible {
        loop {
            self.accept(listener).await;
        }
    }

    /// Accepts one connection, which has to come from this machine.
    async fn accept(self: &Arc<Self>, listener: &TcpListener) {
        let stream = match listener.accept().await {
            Ok((stream, peer)) if peer.ip().is_loopback() => stream,
            Ok(_) => {
                self.tell(CallerError::Peer);
                return;
            }
            Err(error) => {
                // A connection that is gone already needs no pause. A lack of descriptors or memory does.
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    self.unfinished.drop_oldest();
                    sleep(MOMENT).await;
                }
                return;
            }
        };
        let place = self.place().await;
        let mut head = Head::default();
        // Most callers have sent their request by now.
        let is_there = head.receive(&stream).is_ok();
        let unfinished = (!is_there).then(|| self.unfinished.add());
        let server = self.clone();
        tokio::spawn(async move {
            let is_dropped = match unfinished {
                Some((number, dropped)) => {
                    let is_dropped = wait_for_rest(&mut head, &stream, dropped).await;
                    server.unfinished.remove(number);
                    is_dropped
                }
                None => false,
            };
            // Without a byte, somebody only looks whether this port is open.
            if !head.is_empty() {
                server.answer(stream, &head, is_dropped).await;
            }
            drop(place);
        });
    }

    /// A place for a connection. When there is none, the oldest connection without a complete head goes.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(place) = self.places.clone().try_acquire_owned() {
                return Some(place);
            }
            if !self.unfinished.drop_oldest() {
                // Everybody has asked, and gets an answer. Nobody closes the semaphore.
                return self.places.clone().acquire_owned().await.ok();
            }
            yield_now().await;
        }
    }

    /// Answers one request, and ends the connection: without an answer if it is dropped because its place is needed.
    async fn answer(&self, mut stream: TcpStream, head: &Head, is_dropped: bool) {
        if is_dropped {
            self.tell(CallerError::Late);
            return;
        }
        let request = head.request();
        let is_head = matches!(&request, Ok(Some(request)) if request.method == "HEAD");
        let answer = match request {
            Ok(Some(request)) => self.credentials(&request).await,
            Ok(None) => Err(self.tell(CallerError::Late)),
            Err(error) => Err(self.tell(error)),
        };
        let response = answer::response(answer, is_head);
        let _ = timeout(ANSWER, stream.write_all(&response)).await;
        let _ = stream.shutdown().await;
        Head::discard_rest(&stream);
    }

    async fn credentials(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let name = answer::asked(request, self.address, &self.token);
        let name = name.map_err(|error| self.tell(error))?;
        let mut profiles = self.profiles.iter();
        let profile = match name {
            None => profiles.next(),
            name => profiles.find(|profile| profile.name.as_deref() == name),
        };
        match profile {
            Some(profile) => profile.credentials().await,
            None => Err(self.tell(CallerError::Path)),
        }
    }

    /// Tells that a caller was refused. SDKs do not show the answer.
    fn tell(&self, error: CallerError) -> Refusal {
        let refusal = Refusal::from(error);
        self.lines.tell(&refusal.line, &refusal.line);
        refusal
    }
}

/// Waits for the rest of the head: not for long, and only until the place is needed. Tells whether there is nothing to
/// answer, because it is.
async fn wait_for_rest(
    head: &mut Head,
    stream: &TcpStream,
    dropped: oneshot::Receiver<()>,
) -> bool {
    let arrives = async {
        while stream.readable().await.is_ok() {
            let received = stream.try_io(Interest::READABLE, || head.receive(stream));
            if !received.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                return;
            }
        }
    };
    let is_dropped = tokio::select! {
        biased;
        () = arrives => return false,
        late = timeout(HEAD, dropped) => late.is_ok(),
    };
    // A request that has arrived counts, however long this process had no processor.
    head.receive(stream).is_err() && is_dropped
}

impl Unfinished {
    fn lock(&self) -> MutexGuard<'_, Numbered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of one more, and what tells it to go.
    fn add(&self) -> (u64, oneshot::Receiver<()>) {
        let mut all = self.lock();
        let number = all.next;
        all.next += 1;
        let (keep, dropped) = oneshot::channel();
        all.connections.insert(number, keep);
        (number, dropped)
    }

    /// Takes one out whose head is complete, or which is gone.
    fn remove(&self, number: u64) {
        self.lock().connections.remove(&number);
    }

    /// Tells the oldest one to go, if there is one.
    fn drop_oldest(&self) -> bool {
        self.lock().connections.pop_first().is_some()
    }
}
