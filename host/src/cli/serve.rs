//! `epicac serve`: the container credentials endpoint once more, with a role assumed, for programs that ask the
//! endpoint and know no aws-config.
//!
//! | step | where |
//! |---|---|
//! | the profiles, from the command line | `profiles` |
//! | the token of callers | `token` |
//! | connections, and their bounds | `server` |
//! | who may ask what, and the answers | `answer` |
//! | credentials, kept and refreshed | `profile` |
//! | the end | `stop` |
//! | is it ready? | `probe` |

mod answer;
mod probe;
mod profile;
mod profiles;
mod server;
mod stop;
mod token;

use epicac::policy::{Policy, PolicyError};
use epicac::{Admitted, Grants, Sandbox, Wall};
use epicac_component::printable::Line;
use profile::Profile;
use profiles::Profiles;
use server::Server;
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};
use stop::Stop;
use token::CallerToken;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// What follows `epicac serve`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Listen on this address, one of the loopback interface
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8470", value_parser = loopback)]
    listen: SocketAddr,

    /// Serve only if no profile takes what the policy in FILE does not grant
    #[arg(long, value_name = "FILE", conflicts_with = "probe")]
    policy: Option<PathBuf>,

    /// Write the token that callers have to send to FILE, for this user to read
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,

    /// Let the members of a group read FILE, too: of GID, or of the group that new files get in that folder
    #[arg(long, value_name = "GID", num_args = 0..=1, require_equals = true, conflicts_with = "probe")]
    token_group: Option<Option<u32>>,

    /// Answer nobody before there are credentials for every profile
    #[arg(long, conflicts_with = "probe")]
    wait: bool,

    /// Ask the server of this address and FILE, and succeed if it has credentials
    #[arg(long)]
    probe: bool,

    #[command(flatten)]
    profiles: Profiles,
}

/// How long a probe may take; a refresh may take 27 seconds.
const PROBE: Duration = Duration::from_secs(28);

/// The pause before what is waited for is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Why nothing is served.
#[derive(Debug)]
pub(super) enum ServeError {
    /// A profile cannot be served.
    Run(epicac::Error),
    /// It is not within the policy.
    Policy(PolicyError),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The token cannot be written.
    Token(PathBuf, io::Error),
    /// The system does not let us.
    System(io::Error),
    /// STS has no longer the addresses that it had, or cannot be reached at all.
    Lost,
    /// The probe found no credentials.
    Probe(SocketAddr, Box<dyn Error + Send + Sync>),
}

impl From<epicac::Error> for ServeError {
    fn from(error: epicac::Error) -> Self {
        Self::Run(error)
    }
}

fn loopback(text: &str) -> Result<SocketAddr, &'static str> {
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(address),
        Ok(_) => Err("only this machine may ask: 127.0.0.0/8 or [::1]"),
        Err(_) => Err("an IP address and a port, such as 127.0.0.1:8470"),
    }
}

/// Serves until it is asked to end.
pub(super) fn run(arguments: Arguments) -> Result<(), ServeError> {
    #[cfg(target_env = "musl")]
    super::start::ALLOCATOR.close();
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(ServeError::System)?;
    if arguments.probe {
        return probe(&executor, arguments.listen, arguments.token_file);
    }
    serve(&executor, arguments)
}

fn probe(executor: &Runtime, address: SocketAddr, path: PathBuf) -> Result<(), ServeError> {
    let token = CallerToken::read(&path).map_err(|error| ServeError::Token(path, error))?;
    let probed = executor.block_on(async { timeout(PROBE, probe::probe(address, &token)).await });
    let probed = probed.unwrap_or_else(|elapsed| Err(elapsed.into()));
    probed.map_err(|error| ServeError::Probe(address, error))
}

fn serve(executor: &Runtime, arguments: Arguments) -> Result<(), ServeError> {
    let policy = Within::read(arguments.policy)?;
    let mut named: Vec<(Option<String>, Admitted)> = Vec::new();
    for (name, options) in arguments.profiles.0 {
        named.push((name, policy.admit(options.grants()?)?));
    }
    let sandbox = Sandbox::new()?;
    for (_, admitted) in &named {
        admitted.prepare()?;
    }
    let not_listening = |error| ServeError::Listen(arguments.listen, error);
    let listener = listen(executor, arguments.listen).map_err(not_listening)?;
    let address = listener.local_addr().map_err(not_listening)?;
    let token = CallerToken::new().map_err(ServeError::System)?;
    token
        .write(&arguments.token_file, arguments.token_group)
        .map_err(|error| ServeError::Token(arguments.token_file, error))?;
    let stop = {
        let _within = executor.enter();
        Stop::new().map_err(ServeError::System)?
    };
    // From here on the process can do no more than the runs need, and accept connections.
    let admitted: Vec<&Admitted> = named.iter().map(|(_, admitted)| admitted).collect();
    policy.check(&Wall::raise_to_serve(&admitted))?;

    let lost = Arc::new(Notify::new());
    let profile = |(name, admitted): (_, Admitted)| {
        let provider = sandbox.provider(admitted);
        Arc::new(Profile::new(name, provider, lost.clone()))
    };
    let server = Arc::new(Server {
        address,
        token,
        profiles: named.into_iter().map(profile).collect(),
    });
    executor.block_on(async {
        if arguments.wait {
            tokio::select! {
                () = stop.asked() => return Ok(()),
                () = all_have_credentials(&server.profiles) => {}
            }
        }
        tell(&server)?;
        let end = async {
            tokio::select! {
                () = stop.asked() => Ok(()),
                // Behind the wall no name is resolved. The starter of this program starts it again.
                () = lost.notified() => Err(ServeError::Lost),
            }
        };
        server.run(listener, end).await
    })
}

/// The policy of a file, if there is one, or else the built-in one.
struct Within(Option<(PathBuf, Policy)>);

impl Within {
    fn read(file: Option<PathBuf>) -> Result<Self, ServeError> {
        let Some(file) = file else {
            return Ok(Self(None));
        };
        let policy = Policy::read(&file).map_err(ServeError::Policy)?;
        Ok(Self(Some((file, policy))))
    }

    fn admit(&self, grants: Grants) -> Result<Admitted, ServeError> {
        match &self.0 {
            Some((file, policy)) => {
                let admitted = policy.admit(grants);
                admitted.map_err(|error| ServeError::Policy(error.in_file(file)))
            }
            None => Ok(grants.into()),
        }
    }

    fn check(&self, wall: &Wall) -> Result<(), ServeError> {
        match &self.0 {
            Some((file, policy)) => {
                let checked = policy.check_wall(wall);
                checked.map_err(|error| ServeError::Policy(error.in_file(file)))
            }
            None => Ok(()),
        }
    }
}

/// A restarted server gets the address again, although connections of the last one are still remembered.
fn listen(executor: &Runtime, address: SocketAddr) -> io::Result<TcpListener> {
    let _within = executor.enter();
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(server::WAITING)
}

async fn all_have_credentials(profiles: &[Arc<Profile>]) {
    for profile in profiles {
        while profile.credentials().await.is_err() {
            sleep(AGAIN).await;
        }
    }
}

/// Says where credentials are served: what is to be the `AWS_CONTAINER_CREDENTIALS_FULL_URI` of the callers.
fn tell(server: &Server) -> Result<(), epicac::Error> {
    let uri = format!("http://{}{}", server.address, answer::PATH);
    let uris = server.profiles.iter().map(|profile| match profile.name() {
        Some(name) => format!("{uri}/{name}\n"),
        None => format!("{uri}\n"),
    });
    super::run::report(&uris.collect::<String>())
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(error) => error.fmt(f),
            Self::Policy(error) => error.fmt(f),
            Self::Listen(address, error) => write!(
                f,
                "cannot listen: {address}: {error} (choose another port by --listen, or end what listens there)"
            ),
            Self::Token(path, error) => write!(
                f,
                "no token for callers: {}: {error} (mount a volume there that this user can write, and with --token-group=GID name a group that it is in)",
                shown(path)
            ),
            Self::System(error) => write!(
                f,
                "cannot serve: {error} (are memory or descriptors limited here?)"
            ),
            Self::Lost => f.write_str(
                "cannot go on: AWS STS is out of reach, at the addresses that its name had at the start (start it again, as Kubernetes does: the name is then resolved anew)",
            ),
            Self::Probe(address, error) => write!(
                f,
                "not ready: {address}: {error} (the lines of `epicac serve` on stderr tell more)"
            ),
        }
    }
}

/// A path, on one line.
fn shown(path: &Path) -> String {
    Line(&path.to_string_lossy()).to_string()
}

/// One sentence of each kind.
#[cfg(test)]
pub(super) fn examples() -> Vec<ServeError> {
    let address = SocketAddr::from(([127, 0, 0, 1], 8470));
    vec![
        ServeError::Listen(address, io::ErrorKind::AddrInUse.into()),
        ServeError::Token("a\nb".into(), io::ErrorKind::NotFound.into()),
        ServeError::System(io::ErrorKind::OutOfMemory.into()),
        ServeError::Lost,
        ServeError::Probe(
            address,
            io::Error::from(io::ErrorKind::ConnectionRefused).into(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        for address in ["127.0.0.1:1", "127.255.0.1:8470", "[::1]:8470"] {
            assert!(loopback(address).is_ok(), "{address}");
        }
        for address in [
            "0.0.0.0:8470",
            "[::]:8470",
            "10.0.0.1:8470",
            "169.254.170.23:80",
            "[::ffff:127.0.0.1]:8470",
            "localhost:8470",
            "127.0.0.1",
            "8470",
        ] {
            assert!(loopback(address).is_err(), "{address}");
        }
    }
}
