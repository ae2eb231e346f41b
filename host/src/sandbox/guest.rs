//! Runs the component: instantiates it with its grants, calls it within the limits, and returns the result.

use super::bindings::{self, types};
use super::complaint::one_line;
use super::embedded;
use super::engine;
use super::limiter::NoMemory;
use super::linker;
use super::state::State;
use crate::denial::DeniedError;
use crate::error::Error;
use crate::grants::Admitted;
use crate::limits::{CALL_BYTES, HANDLES, Limit};
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout_at;
use wasmtime::component::{Component, Linker, ResourceTableError};
use wasmtime::{CallHook, Engine, Store, Trap};
use wasmtime_wasi_http::FieldMapError;

/// The component in its sandbox, ready to be instantiated any number of times.
#[derive(Clone)]
pub struct Sandbox {
    component: bindings::GuestPre<State>,
}

impl Sandbox {
    /// Loads the component and links it to the functions of its world.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] when the operating system does not let us, mostly for lack of memory.
    pub fn new() -> Result<Self, Error> {
        let linked = embedded::component().and_then(|component| Self::link(&component));
        linked.map_err(|error| set_up_failed(&error))
    }

    /// Loads another component than `epicac.wasm`, and links it to the same functions. One that imports
    /// anything else is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the component was compiled for another engine, imports what the world in
    /// `wit/` does not have, or has no `provider`; [`Error::Sandbox`] when the operating system does not let us.
    ///
    /// # Safety
    ///
    /// The bytes must be what `wasmtime::Engine::precompile_component` made, under the configuration of
    /// `src/sandbox/engine.rs`, and nobody may have changed them since: they are run as machine code.
    #[allow(
        unsafe_code,
        reason = "Wasmtime cannot tell that compiled code is what its compiler made"
    )]
    pub unsafe fn from_compiled(bytes: &[u8]) -> Result<Self, Error> {
        let engine = engine::config(env!("EPICAC_TARGET")).and_then(|config| Engine::new(&config));
        let engine = engine.map_err(|error| set_up_failed(&error))?;
        // SAFETY: the caller vouches for the bytes.
        let component = unsafe { Component::deserialize(&engine, bytes) };
        component
            .and_then(|component| Self::link(&component))
            .map_err(|error| Error::Refused(one_line(&format!("{error:#}"))))
    }

    fn link(component: &Component) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(component.engine());
        linker::add_to_linker(&mut linker)?;
        let component = bindings::GuestPre::new(linker.instantiate_pre(component)?)?;
        Ok(Self { component })
    }

    /// A new instance that may do what is `admitted`, for one run, which begins now.
    pub(crate) async fn instantiate(&self, admitted: &Arc<Admitted>) -> Result<Guest, Error> {
        let deadline = Instant::now() + admitted.limits().deadline;
        let engine = self.component.engine();
        let mut store = Store::new(engine, State::new(admitted, deadline));
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(CALL_BYTES);
        store.set_max_component_handles(HANDLES);
        store.call_hook(|store, hook| match hook {
            CallHook::CallingHost => store.data().check_deadline(),
            _ => Ok(()),
        });
        // The guest yields to the executor at intervals, so that the deadline can stop it.
        store
            .set_fuel(admitted.limits().fuel)
            .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_BETWEEN_YIELDS)))
            .map_err(|error| set_up_failed(&error))?;
        // A component can have code that runs when it is instantiated.
        let instantiating = self.component.instantiate_async(&mut store);
        match timeout_at(deadline.into(), instantiating).await {
            Err(_) => Err(Error::Limit(Limit::Deadline)),
            Ok(Ok(exports)) => Ok(Guest { store, exports }),
            Ok(Err(error)) => Err(match stopped(&error) {
                Error::Trap(_) if !error.is::<Trap>() => set_up_failed(&error),
                stopped => stopped,
            }),
        }
    }
}

/// The instructions after which the guest yields to the executor.
const FUEL_BETWEEN_YIELDS: u64 = 10_000_000;

/// The component's answer.
type Answer = Result<types::Credentials, types::Error>;

/// One instance of the component, for one run.
pub(crate) struct Guest {
    store: Store<State>,
    exports: bindings::Guest,
}

impl Guest {
    /// Calls `provider.get-credentials`, within the limits of this run.
    pub(crate) async fn get_credentials(&mut self) -> Result<Answer, Error> {
        let Self { store, exports } = self;
        let deadline = store.data().deadline;
        let provider = exports.epicac_credentials_provider();
        let call = provider.call_get_credentials(&mut *store);
        match timeout_at(deadline.into(), call).await {
            Err(_) => Err(Error::Limit(Limit::Deadline)),
            // The component may not have noticed a request that was denied.
            Ok(called) => called
                .and_then(|answer| store.data().outgoing.check().map(|()| answer))
                .map_err(|error| stopped(&error)),
        }
    }

    /// Why the last request failed, if the host knows more than the component.
    pub(crate) fn take_unreachable(&self) -> Option<Error> {
        self.store.data().outgoing.take_unreachable()
    }
}

/// Why the guest was stopped. A limit and a denial always trap, so the component's own message is never used.
fn stopped(error: &wasmtime::Error) -> Error {
    let limit = if let Some(denial) = error.downcast_ref::<DeniedError>() {
        return Error::Denied(denial.clone());
    } else if let Some(limit) = error.downcast_ref::<Limit>() {
        *limit
    } else if let Some(ResourceTableError::Full) = error.downcast_ref() {
        Limit::Resources
    } else if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        Limit::Header
    } else if let Some(Trap::OutOfFuel) = error.downcast_ref() {
        Limit::Fuel
    } else if let Some(Trap::StackOverflow) = error.downcast_ref() {
        Limit::Stack
    } else if error.is::<NoMemory>() {
        return set_up_failed(error);
    } else {
        return Error::Trap(one_line(&error.root_cause().to_string()));
    };
    Error::Limit(limit)
}

fn set_up_failed(error: &wasmtime::Error) -> Error {
    Error::Sandbox(one_line(&format!("{error:#}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Grants;
    use crate::limits::Limits;
    use crate::sandbox::limiter::Limiter;
    use epicac_component::environment::{FULL_URI, TOKEN};
    use epicac_tests::{Agent, Answer, credentials};
    use wasmtime::ResourceLimiter as _;

    /// What a call may do, to ask this agent with this token.
    fn asking(agent: &Agent, token: &str) -> State {
        let uri = (FULL_URI.to_owned(), agent.url());
        let grants = Grants::from_variables([uri, (TOKEN.to_owned(), token.to_owned())]);
        let admitted = Admitted::from(grants);
        let deadline = Instant::now() + admitted.limits().deadline;
        State::new(&Arc::new(admitted), deadline)
    }

    /// The component keeps nothing, even in an instance that is called again, as the host never does.
    #[test]
    fn nothing_survives_a_call() {
        let [first, second] = [1, 2].map(|_| Agent::start().unwrap());
        first.always(Answer::json(&credentials::expiring_in(3600)));
        second.always(Answer::text(403, "Access Denied\n"));
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::new().unwrap();
            let admitted = Arc::new(Admitted::from(Grants::from_variables([])));
            let mut guest = sandbox.instantiate(&admitted).await.unwrap();
            *guest.store.data_mut() = asking(&first, "the-first-token");
            assert!(guest.get_credentials().await.unwrap().is_ok());
            *guest.store.data_mut() = asking(&second, "the-second-token");
            let error = guest.get_credentials().await.unwrap().unwrap_err();
            assert_eq!(error.cause, types::Cause::Refused);
        });
        let [first, second] = [first, second].map(|agent| agent.requests());
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_eq!(second[0].header("Authorization"), Some("the-second-token"));
        assert!(!format!("{second:?}").contains("the-first-token"));
    }

    #[test]
    fn a_growth_that_the_operating_system_refuses_is_a_lack_of_memory() {
        let mut limiter = Limiter::new(&Limits::BUILT_IN);
        let refused = wasmtime::Error::msg("Cannot allocate memory");
        let error = limiter.memory_grow_failed(refused).unwrap_err();
        let line = stopped(&error).to_string();
        assert!(line.contains("Cannot allocate memory (is memory"), "{line}");
    }
}
