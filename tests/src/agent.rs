//! A stand-in for the EKS Pod Identity Agent, which answers as the agent does (behaviour.md §7) and, when
//! told to, as no agent should.

mod answer;
mod connection;
mod request;
mod rules;

pub use answer::{Answer, Framing};
pub use request::Request;
pub use rules::{PATH, Rules, upstream_error};

use rules::Rate;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many connections are served at once, each by a thread; further ones wait in the backlog.
const CONNECTIONS: usize = 256;

type Handler = Arc<dyn Fn(&Request) -> Option<Answer> + Send + Sync>;

/// A running agent. It answers one request a connection, and records what it sees.
///
/// What a request gets is decided by the [script](Agent::script), then by the [handler](Agent::handle),
/// then by the [rules](Rules). Dropping the agent closes its sockets and joins its threads; a panic of
/// the handler comes out there.
pub struct Agent {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Agent {
    /// Listens on 127.0.0.1, at a port that the system chooses.
    pub fn start() -> io::Result<Agent> {
        Agent::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Listens on the given address; port 0 is any free port.
    pub fn listen(address: SocketAddr) -> io::Result<Agent> {
        Agent::with_rules(address, Rules::default())
    }

    /// Listens on the given address, with other rules than the usual ones. The address as text becomes
    /// an accepted `Host`.
    pub fn with_rules(address: SocketAddr, mut rules: Rules) -> io::Result<Agent> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        rules.hosts.push(address.ip().to_string());
        let rate = Mutex::new(Rate::new(&rules));
        let shared = Shared {
            rules,
            rate,
            state: Mutex::default(),
            changed: Condvar::new(),
        };
        let shared = Arc::new(shared);
        let acceptor = thread::Builder::new()
            .name(format!("agent on {address}"))
            .spawn({
                let shared = Arc::clone(&shared);
                move || accept(&listener, &shared)
            })?;
        Ok(Agent {
            address,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its credentials, as the webhook would inject it.
    pub fn url(&self) -> String {
        self.url_of(PATH)
    }

    /// The URL of a path and query on it.
    pub fn url_of(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }

    /// Answers the next requests with these, one each, in order.
    pub fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.lock().script.extend(answers);
    }

    /// Asks `handler` for the answer to each request that the script has none for; `None` leaves the
    /// request to the rules.
    pub fn handle(&self, handler: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) {
        self.shared.lock().handler = Some(Arc::new(handler));
    }

    /// Answers every request that the script has no answer for with this one.
    pub fn always(&self, answer: Answer) {
        self.handle(move |_| Some(answer.clone()));
    }

    /// The requests seen so far, in order of their arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// How many connections were opened so far, with or without a request.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }
}

impl Agent {
    /// Goes down: closes its sockets and joins its threads. Nobody listens at its address any more.
    pub fn stop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stopping = true;
            for stream in state.streams.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        // The acceptor sits in `accept`; one more connection lets it look around.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(Err(panic)) = self.acceptor.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop();
    }
}

fn accept(listener: &TcpListener, shared: &Shared) {
    thread::scope(|scope| {
        loop {
            let accepted = listener.accept();
            if shared.lock().stopping {
                return;
            }
            match accepted {
                Ok((stream, _)) => {
                    let stream = Arc::new(stream);
                    let Some(id) = shared.enter(&stream) else {
                        return;
                    };
                    scope.spawn(move || {
                        connection::serve(&stream, shared);
                        shared.leave(id);
                    });
                }
                // Out of descriptors, or a connection that is gone already: neither lasts.
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        }
    });
}

struct Shared {
    rules: Rules,
    rate: Mutex<Rate>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    connections: usize,
    streams: HashMap<usize, Arc<TcpStream>>,
    requests: Vec<Request>,
    script: VecDeque<Answer>,
    handler: Option<Handler>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection in and gives it a number, once there is room; `None` when stopping.
    fn enter(&self, stream: &Arc<TcpStream>) -> Option<usize> {
        let full = |state: &mut State| state.streams.len() >= CONNECTIONS && !state.stopping;
        let state = self.lock();
        let mut state = self
            .changed
            .wait_while(state, full)
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopping {
            return None;
        }
        state.connections += 1;
        let id = state.connections;
        state.streams.insert(id, Arc::clone(stream));
        Some(id)
    }

    fn leave(&self, id: usize) {
        self.lock().streams.remove(&id);
        self.changed.notify_all();
    }

    /// Records a request and says what it gets.
    fn answer_to(&self, mut request: Request) -> Answer {
        let mut state = self.lock();
        request.number = state.requests.len() + 1;
        state.requests.push(request.clone());
        let scripted = state.script.pop_front();
        let handler = state.handler.clone();
        drop(state);
        scripted
            .or_else(|| handler.and_then(|handler| handler(&request)))
            .unwrap_or_else(|| self.rules.answer(&request, &self.rate))
    }

    /// Waits, unless the agent stops meanwhile: then it returns false at once.
    fn pause(&self, duration: Duration) -> bool {
        let state = self.lock();
        let waited = self
            .changed
            .wait_timeout_while(state, duration, |state| !state.stopping);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }
}
