//! `epicac serve`: a second container credentials endpoint, which serves the credentials of a role. It is for programs
//! that ask such an endpoint and read no aws-config.
//!
//! | step | where |
//! |---|---|
//! | what is served, from the command line | `served`, `profiles` |
//! | the token of callers | `token` |
//! | connections, and their bounds | `server` |
//! | the head of a request | `head` |
//! | who may ask what, and the answers | `answer` |
//! | the credentials of a profile, and their refreshes | `profile` |
//! | lines on stderr | `lines` |
//! | the end | `stop` |
//! | what goes wrong | `error` |

mod answer;
mod error;
mod head;
mod lines;
mod profile;
mod profiles;
mod served;
mod server;
mod stop;
mod token;

use super::run::{Run, complain};
use epicac::policy::{Policy, PolicyError};
use epicac::{Admitted, Cause, Grants, RouteError, Sandbox, Wall};
use epicac_component::environment::{FULL_URI, TOKEN_FILE};
use error::ServeError;
use lines::Lines;
use profile::Profile;
use rustix::process::{Resource, getrlimit};
pub(super) use served::Served;
use server::Server;
use std::error::Error;
use std::fs;
use std::mem;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stop::Stop;
use tokio::net::TcpListener;
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

/// The descriptors that are open where nobody tells, those that a run needs at the same time, and the fewest for
/// connections.
const OPEN: u64 = 16;
const OF_A_RUN: u64 = 4;
const FEWEST: u64 = 4;

/// How long the first credentials are waited for while a server is out of reach. A run takes at most 25 seconds, so that
/// its addresses are resolved anew within a minute.
const FIRST: Duration = Duration::from_secs(45);

/// The pause before a name is looked up again, and with `--wait` before a profile without credentials is tried again.
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
    // First: without this the kernel ignores these signals if this is process 1 of a container.
    let stop = Stop::new().map_err(ServeError::System)?;
    let policy = arguments.policy.as_deref();
    let policy = policy.map(Policy::read).transpose()?;
    let in_file = |error: PolicyError| match &arguments.policy {
        Some(file) => error.in_file(file),
        None => error,
    };
    let mut served = arguments.served;
    let profiles = mem::take(&mut served.profiles);
    if let Some(policy) = &policy {
        policy.check_serve(&served.rule()?).map_err(in_file)?;
    }
    let mut named: Vec<(Option<String>, Admitted)> = Vec::new();
    for (name, grants) in profiles.grants()? {
        served.check_agent(&grants)?;
        let admitted = match &policy {
            Some(policy) => policy.admit(grants).map_err(in_file)?,
            None => grants.into(),
        };
        admitted.endpoint().map_err(epicac::Error::Denied)?;
        named.push((name, admitted));
    }
    let sandbox = Sandbox::new()?;
    let admitted: Vec<&Admitted> = named.iter().map(|(_, admitted)| admitted).collect();
    tokio::select! {
        () = stop.asked() => return Ok(()),
        prepared = prepare(&admitted) => prepared?,
    }
    let address = SocketAddr::from(served.listen);
    let listener = server::listen(address).map_err(|error| ServeError::Listen(address, error))?;
    // A port of 0 is a real one by now.
    let address = listener.local_addr().map_err(ServeError::System)?;
    let places = places(named.len())?;
    let token = served.token()?;
    // From here on the process can do no more than the runs need, and accept connections.
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
    let profiles = named.into_iter().map(profile).collect();
    let server = Server::new(address, places, token, profiles, lines.clone());
    serve_until(&stop, &out_of_reach, arguments.wait, server, listener).await
}

/// Prepares for the wall. It tries again as long as a name is not resolved: at the start of a pod, DNS may not answer yet,
/// and a probe decides how long that may take.
async fn prepare(admitted: &[&Admitted]) -> Result<(), epicac::Error> {
    use RouteError::{NameTimeout, NameUnknown, NoAddress};
    use epicac::Error::{Endpoint, Sts};
    loop {
        let prepared = admitted.iter().try_for_each(|it| it.prepare());
        let Err(error) = prepared else { return Ok(()) };
        let (Endpoint(why) | Sts(why)) = &error else {
            return Err(error);
        };
        if !matches!(why, NameTimeout(_) | NameUnknown(..) | NoAddress(_)) {
            return Err(error);
        }
        complain(&error);
        sleep(AGAIN).await;
        // A look-up that took too long still has a thread, which the wall would not cover.
        loop {
            match fs::read_dir("/proc/self/task").map(Iterator::count) {
                Ok(threads) if threads > 1 => sleep(AGAIN).await,
                Ok(_) => break,
                Err(_) => return Err(error),
            }
        }
    }
}

/// The connections that this process can have: for each one a descriptor that nothing else needs. Behind the wall it
/// cannot count them.
fn places(profiles: usize) -> Result<u32, ServeError> {
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return Ok(server::CONNECTIONS);
    };
    let open = fs::read_dir("/proc/self/fd").map_or(OPEN, |open| open.count() as u64);
    // One more is accepted before another connection makes way.
    let needed = open + profiles as u64 * OF_A_RUN + 1;
    match limit.checked_sub(needed) {
        Some(left) if left >= FEWEST => {
            let places = u32::try_from(left).unwrap_or(u32::MAX);
            Ok(places.min(server::CONNECTIONS))
        }
        _ => Err(ServeError::Descriptors(limit, needed + FEWEST)),
    }
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
    let uri = format!("http://{}{}", server.address(), answer::PATH);
    let uris = server.profiles.iter().map(|profile| match &profile.name {
        Some(name) => format!("{uri}/{name}\n"),
        None => format!("{uri}\n"),
    });
    super::run::report(&uris.collect::<String>())
}
