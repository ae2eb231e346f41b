//! The WASI shell: the calls that the world in `wit/` allows, and the exports that it asks for.
//!
//! It decides nothing. It asks the core for every decision.

mod arguments;
mod assume_role;
mod bindings;
mod clock;
mod conversion;
mod file;
mod http;
mod memory;
mod output;
mod provider;
mod retry;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bindings::Component;
use bindings::exports::epicac::credentials::{
    provider as export_provider, roles, transform, types,
};
use bindings::exports::wasi::cli::run;

use crate::attempts::Attempts;
use crate::{Chain, Credentials, Error, Service, process, response};

impl run::Guest for Component {
    fn run() -> Result<(), ()> {
        let printed = provider::get_credentials(arguments::of_command)
            .and_then(|credentials| Ok(process::output(&credentials)?))
            .and_then(|document| Ok(output::print(&[&document, "\n"].concat())?));
        printed.map_err(|error| output::complain(&["epicac: ", &error.to_string(), "\n"].concat()))
    }
}

impl export_provider::Guest for Component {
    fn get_credentials() -> Result<types::Credentials, types::Error> {
        provider::get_credentials(arguments::of_component)
            .map(types::Credentials::from)
            .map_err(types::Error::from)
    }
}

impl roles::Guest for Component {
    fn assume_role(
        base: types::Credentials,
        role: roles::Role,
        region: String,
        endpoint: Option<String>,
    ) -> Result<types::Credentials, types::Error> {
        let mut attempts = Attempts::start(clock::now());
        let base = Credentials::try_from(base).map_err(Error::from)?;
        let service = Service {
            region: Some(region),
            endpoint,
            ..Service::default()
        };
        let chain = Chain::of([role.into()].into(), "", &service).map_err(Error::from)?;
        Ok(assume_role::assume_roles(&chain, base, &mut attempts)?.into())
    }
}

impl transform::Guest for Component {
    fn from_container(body: Vec<u8>) -> Result<types::Credentials, types::Error> {
        match response::from_container(&body) {
            Ok(credentials) => Ok(credentials.into()),
            Err(error) => Err(Error::from(error).into()),
        }
    }

    fn to_process(credentials: types::Credentials) -> Result<String, types::Error> {
        let output = Credentials::try_from(credentials).and_then(|c| process::output(&c));
        output.map_err(|flaw| Error::from(flaw).into())
    }
}
