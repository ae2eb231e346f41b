//! What is served, and to whom: the options of the server that a policy knows, too.

use super::answer;
use super::error::ServeError;
use super::profiles::Profiles;
use super::token::{self, CallerToken};
use crate::cli::folder::FolderError;
use epicac::Grants;
use epicac::file;
use epicac::policy::{LoopbackAddress, PolicyError, ServeRule};
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What is served, and to whom.
#[derive(clap::Args)]
pub(in crate::cli) struct Served {
    /// Listen on this address, one of the loopback interface
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8470")]
    pub(super) listen: LoopbackAddress,

    /// Write the token that callers have to send to FILE, for this user to read
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: PathBuf,

    /// Let the members of FILE's group read it, too: of a new file, that is the group that the folder gives to it
    #[arg(long)]
    token_group: bool,

    /// Take the token that FILE has already, at least 32 characters, and write none
    #[arg(long)]
    existing_token: bool,

    #[command(flatten)]
    pub(super) profiles: Profiles,
}

impl Served {
    /// What a policy has to grant, and the grants of each profile.
    pub(in crate::cli) fn needed(self) -> Result<(ServeRule, Vec<Grants>), Box<dyn Error>> {
        let rule = self.rule()?;
        let named = self.profiles.grants()?.into_iter();
        Ok((rule, named.map(|(_, grants)| grants).collect()))
    }

    pub(super) fn rule(&self) -> Result<ServeRule, PolicyError> {
        ServeRule::new(self.listen, &self.token_file, self.token_group)
    }

    /// Fails if there is no agent to ask, or if this server would ask itself or take the agent's token for its own.
    pub(super) fn check_agent(&self, grants: &Grants) -> Result<(), Box<dyn Error>> {
        let endpoint = grants.endpoint();
        let endpoint = endpoint.map_err(|error| epicac_component::Error::from(error.clone()));
        let endpoint = endpoint.map_err(epicac::Error::from)?;
        let own = SocketAddr::from(self.listen);
        let asked = format!("{}:{}", endpoint.host(), endpoint.port_or_default());
        if answer::names(&asked, own) {
            return Err(ServeError::Itself(own).into());
        }
        let agents = grants.token_file();
        if agents.is_some_and(|agents| token::is_same_file(agents.path(), &self.token_file)) {
            let path = file::shown(&self.token_file);
            return Err(ServeError::AgentsToken(path).into());
        }
        Ok(())
    }

    /// The token of callers: the one that the file has, or else a new one in it.
    pub(super) fn token(&self) -> Result<CallerToken, ServeError> {
        let path = file::shown(&self.token_file);
        if self.existing_token {
            let token = CallerToken::existing(&self.token_file, self.token_group);
            return token.map_err(|why| ServeError::Existing(path, why));
        }
        let token = CallerToken::new().map_err(ServeError::System)?;
        match token.write(&self.token_file, self.token_group) {
            Ok(()) => Ok(token),
            Err(FolderError::Io(error)) => Err(ServeError::Token(path, error)),
            Err(error) => Err(ServeError::Untrusted(path, error.to_string())),
        }
    }
}
