//! `epicac serve`: a second container credentials endpoint, which serves the credentials of a role. It is for programs
//! that ask such an endpoint and read no aws-config.
//!
//! | step | where |
//! |---|---|
//! | the profiles, from the command line | `profiles` |
//! | the token of callers | `token` |
//! | connections, and their bounds | `server` |
//! | who may ask what, and the answers | `answer` |
//! | the credentials of a profile, and their refreshes | `profile` |
//! | lines on stderr | `lines` |
//! | the end | `stop` |

mod answer;
mod lines;
mod profile;
mod profiles;
mod server;
mod stop;
mod token;

use super::folder::FolderError;
use super::run::Run;
use super::sentences::ServeError;
use epicac::policy::{LoopbackAddress, Policy, PolicyError, ServeRule};
use epicac::{Admitted, Cause, Grants, Sandbox, Wall};
use epicac_component::environment::{FULL_URI, TOKEN_FILE};
use lines::Lines;
use profile::Profile;
use profiles::Profiles;
use server::Server;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stop::Stop;
use token::CallerToken;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Notify;
use tokio::time::sleep;

/// What follows `epicac serve`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    served: Served,

    /// Serve within the policy in FILE: a server that needs more is refused
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Answer nobody before there are credentials for every profile
    #[arg(long)]
    wait: bool,

    /// Ask the server of this address and FILE, and succeed if it has credentials
    #[arg(long, conflicts_with_all = ["policy", "token_group", "wait"])]
    probe: bool,
}

/// What is served, and to whom.
#[derive(clap::Args)]
pub(super) struct Served {
    /// Listen on this address, one of the loopback interface
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8470")]
    listen: LoopbackAddress,

    /// Write the token that callers have to send to FILE, for this user to read
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,

    /// Let the members of the group that new files get in that folder read FILE, too
    #[arg(long)]
    token_group: bool,

    #[command(flatten)]
    profiles: Profiles,
}

impl Served {
    /// What a policy has to grant, and the grants of each profile.
    pub(super) fn needed(self) -> Result<(ServeRule, Vec<Grants>), Box<dyn Error>> {
        let rule = self.rule()?;
        let named = self.profiles.grants()?.into_iter();
        Ok((rule, named.map(|(_, grants)| grants).collect()))
    }

    fn rule(&self) -> Result<ServeRule, PolicyError> {
        ServeRule::new(self.listen, &self.token_file, self.token_group)
    }
}

/// How long the first credentials are waited for while a server is out of reach. A run takes at most 25 seconds, so that
/// its addresses are resolved anew within a minute.
const FIRST: Duration = Duration::from_secs(45);

/// With `--wait`, the pause before a profile without credentials is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Serves until it is asked to end.
pub(super) fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.probe {
        return probe(arguments.served);
    }
    #[cfg(target_env = "musl")]
    crate::allocator::ALLOCATOR.close();
    #[cfg(target_os = "linux")]
    super::start::never_wait_for_stderr();
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(ServeError::System)?;
    executor.block_on(serve(arguments))
}

/// Asks the running server as its callers do: a readiness probe for a container that has no shell.
fn probe(served: Served) -> Result<(), Box<dyn Error>> {
    let address = SocketAddr::from(served.listen);
    let uri = format!("http://{address}{}", answer::PATH);
    let token_file = served.token_file.to_string_lossy().into_owned();
    let variables = [
        (FULL_URI.to_owned(), uri),
        (TOKEN_FILE.to_owned(), token_file),
    ];
    let grants = Grants::from_variables(variables);
    let asked = Run::prepare(grants.into()).and_then(|run| run.credentials());
    asked.map(drop).map_err(|error| not_ready(&error).into())
}

/// The error of a probe. The component's own remedies are those for the agent of EKS, and would mislead here.
fn not_ready(error: &epicac::Error) -> ServeError {
    let epicac::Error::Credentials(error) = error else {
        return ServeError::NotAsked(error.to_string());
    };
    match (error.status, error.cause) {
        (Some(status), _) => ServeError::NotReady(status),
        (None, Cause::InvalidToken) => ServeError::NoTokenToAsk,
        (None, _) => ServeError::NoServer,
    }
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // First: without this the kernel ignores both signals if this is process 1 of a container.
    let stop = Stop::new().map_err(ServeError::System)?;
    let policy = arguments.policy.as_deref();
    let policy = policy.map(Policy::read).transpose()?;
    let in_file = |error: PolicyError| match &arguments.policy {
        Some(file) => error.in_file(file),
        None => error,
    };
    if let Some(policy) = &policy {
        let rule = arguments.served.rule()?;
        policy.check_serve(&rule).map_err(in_file)?;
    }
    let Served {
        listen: address,
        token_file,
        token_group,
        profiles,
    } = arguments.served;
    let mut named: Vec<(Option<String>, Admitted)> = Vec::new();
    for (name, grants) in profiles.grants()? {
        let admitted = match &policy {
            Some(policy) => policy.admit(grants).map_err(in_file)?,
            None => grants.into(),
        };
        named.push((name, admitted));
    }
    let sandbox = Sandbox::new()?;
    for (_, admitted) in &named {
        admitted.prepare()?;
    }
    let address = SocketAddr::from(address);
    let listener = listen(address).map_err(|error| ServeError::Listen(address, error))?;
    // A port of 0 is a real one by now.
    let address = listener.local_addr().map_err(ServeError::System)?;
    let places = server::places();
    let token = CallerToken::new().map_err(ServeError::System)?;
    let written = token.write(&token_file, token_group);
    written.map_err(|error| {
        let path = token_file.to_string_lossy().into_owned();
        match error {
            FolderError::Io(error) => ServeError::Token(path, error),
            error => ServeError::Untrusted(path, error.to_string()),
        }
    })?;
    // From here on the process can do no more than the runs need, and accept connections.
    let admitted: Vec<&Admitted> = named.iter().map(|(_, admitted)| admitted).collect();
    let wall = Wall::raise_to_serve(&admitted);
    if let Some(policy) = &policy {
        policy.check_wall(&wall).map_err(in_file)?;
    }
    let (lines, out_of_reach) = (Arc::new(Lines::default()), Arc::new(Notify::new()));
    let profile = |(name, admitted): (_, Admitted)| {
        let provider = sandbox.provider(admitted);
        let (lines, out_of_reach) = (lines.clone(), out_of_reach.clone());
        Arc::new(Profile::new(name, provider, lines, out_of_reach))
    };
    let server = Server {
        address,
        places,
        token,
        profiles: named.into_iter().map(profile).collect(),
    };
    serve_until(&stop, &out_of_reach, arguments.wait, server, listener).await
}

/// Answers callers until it is stopped or lost; with `wait`, only once every profile has credentials.
async fn serve_until(
    stop: &Stop,
    out_of_reach: &Notify,
    wait: bool,
    server: Server,
    listener: TcpListener,
) -> Result<(), Box<dyn Error>> {
    if wait {
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = is_lost(&server.profiles, out_of_reach) => return Err(ServeError::Lost.into()),
            () = all_have_credentials(&server.profiles) => {}
        }
    }
    tell(&server)?;
    let profiles = server.profiles.clone();
    let end = async {
        tokio::select! {
            () = stop.asked() => Ok(()),
            () = is_lost(&profiles, out_of_reach) => Err(ServeError::Lost.into()),
        }
    };
    Arc::new(server).run(listener, end).await
}

/// Waits until a server is out of reach and no profile has valid credentials. Behind the wall no name is resolved. Whoever
/// started this program has to start it again. As long as there were no credentials, this takes a while: at the start of
/// a pod, the network may need one.
async fn is_lost(profiles: &[Arc<Profile>], out_of_reach: &Notify) {
    let started = Instant::now();
    loop {
        out_of_reach.notified().await;
        let had_credentials = profiles.iter().any(|profile| profile.had_credentials());
        let is_over = had_credentials || started.elapsed() > FIRST;
        if is_over && !profiles.iter().any(|profile| profile.has_valid()) {
            return;
        }
    }
}

/// Listens. A restarted server gets the address again, although the kernel still remembers connections of the last one.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(server::WAITING)
}

/// Waits until each profile has had credentials.
async fn all_have_credentials(profiles: &[Arc<Profile>]) {
    for profile in profiles {
        while profile.credentials().await.is_err() {
            sleep(AGAIN).await;
        }
    }
}

/// Prints where credentials are served: the `AWS_CONTAINER_CREDENTIALS_FULL_URI` of the callers, one line a profile.
fn tell(server: &Server) -> Result<(), epicac::Error> {
    let uri = format!("http://{}{}", server.address, answer::PATH);
    let uris = server.profiles.iter().map(|profile| match &profile.name {
        Some(name) => format!("{uri}/{name}\n"),
        None => format!("{uri}\n"),
    });
    super::run::report(&uris.collect::<String>())
}
