//! Runs the component: instantiates it with its grants, calls an export within the limits, and tells
//! what became of it.

use crate::document;
use crate::embedded;
use crate::error::Error;
use crate::grants::Grants;
use crate::limits::{Limit, Limits};
use crate::linker;
use crate::provider::Provider;
use crate::state::State;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Linker,
    ResourceTableError,
};
use wasmtime::{Store, Trap};

/// The component in its sandbox, ready to be instantiated any number of times.
#[derive(Clone)]
pub struct Sandbox {
    component: InstancePre<State>,
    limits: Limits,
}

impl Sandbox {
    /// Loads the component and links it to the functions of its world, under the built-in limits.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] when the operating system does not let us, for want of memory as a rule.
    pub fn new() -> Result<Self, Error> {
        let link = || {
            let component = embedded::component()?;
            let mut linker = Linker::new(component.engine());
            linker::add_to_linker(&mut linker)?;
            linker.instantiate_pre(&component)
        };
        let component = link().map_err(|error| set_up_failed(&error))?;
        Ok(Self {
            component,
            limits: Limits::BUILT_IN,
        })
    }

    /// The same sandbox under other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Runs the component as a credential process, and gives what it prints: one JSON object and a
    /// newline.
    ///
    /// # Errors
    ///
    /// Why there are no credentials; nothing of what the component printed has then left the sandbox.
    pub async fn run(&self, grants: &Grants) -> Result<Vec<u8>, Error> {
        let mut guest = self.instantiate(grants).await?;
        let run = guest
            .call::<(Result<(), ()>,)>("wasi:cli/run@0.2.0", "run")
            .await?
            .0;
        let stdout = guest.store.data().stdout.take();
        match run {
            Ok(()) if document::is_complete(&stdout) => Ok(stdout),
            Ok(()) => Err(Error::Output("it is no credential document")),
            Err(()) => Err(complaint(&guest.store.data().stderr.take())),
        }
    }

    /// A provider that keeps one instance, and with it the credentials until shortly before they expire.
    pub fn provider(&self, grants: Grants) -> Provider {
        Provider::new(self.clone(), grants)
    }

    pub(crate) async fn instantiate(&self, grants: &Grants) -> Result<Guest, Error> {
        let engine = self.component.engine();
        let mut store = Store::new(engine, State::new(grants, &self.limits));
        store.limiter(|state| &mut state.limiter);
        // Control comes back to the executor now and then, so that the deadline can strike.
        store
            .set_fuel(self.limits.fuel)
            .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_BETWEEN_YIELDS)))
            .map_err(|error| set_up_failed(&error))?;
        match self.component.instantiate_async(&mut store).await {
            Ok(instance) => Ok(Guest {
                store,
                instance,
                limits: self.limits.clone(),
            }),
            Err(error) => Err(match store.data().limiter.hit.or_else(|| limit(&error)) {
                Some(limit) => Error::Limit(limit),
                None => set_up_failed(&error),
            }),
        }
    }
}

const FUEL_BETWEEN_YIELDS: u64 = 10_000_000;

/// One instance of the component.
pub(crate) struct Guest {
    store: Store<State>,
    instance: Instance,
    limits: Limits,
}

impl Guest {
    /// Calls the function `name` of the exported interface `interface`, within the limits of a run.
    ///
    /// After an error that is the host's, the instance must not be used again.
    pub(crate) async fn call<R>(&mut self, interface: &str, name: &str) -> Result<R, Error>
    where
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let Self {
            store,
            instance,
            limits,
        } = self;
        store.data_mut().outgoing.start_run();
        let function = store
            .set_fuel(limits.fuel)
            .and_then(|()| {
                let index = export(instance, store, interface, name)?;
                instance.get_typed_func::<(), R>(&mut *store, &index)
            })
            .map_err(|error| set_up_failed(&error))?;
        let called =
            tokio::time::timeout(limits.deadline, function.call_async(&mut *store, ())).await;

        let state = store.data();
        let hit = state.limiter.hit.or(state.outgoing.hit);
        match called {
            Err(_) => Err(Error::Limit(Limit::Deadline)),
            Ok(Err(error)) => Err(hit.map_or_else(|| trapped(&error), Error::Limit)),
            // A component that asks for what it must not have gets nothing out, whatever it says.
            Ok(Ok(result)) => match (hit, &state.outgoing.denied) {
                (Some(limit), _) => Err(Error::Limit(limit)),
                (None, Some(denial)) => Err(Error::Denied(denial.clone())),
                (None, None) => Ok(result),
            },
        }
    }
}

fn export(
    instance: &Instance,
    store: &mut Store<State>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<ComponentExportIndex> {
    let missing = || wasmtime::Error::msg(format!("the component has no {interface} {name}"));
    let interface = instance
        .get_export_index(&mut *store, None, interface)
        .ok_or_else(missing)?;
    instance
        .get_export_index(&mut *store, Some(&interface), name)
        .ok_or_else(missing)
}

fn trapped(error: &wasmtime::Error) -> Error {
    match limit(error) {
        Some(limit) => Error::Limit(limit),
        None => Error::Trap(one_line(&error.root_cause().to_string())),
    }
}

/// The limit that a trap is about, if it is about one.
fn limit(error: &wasmtime::Error) -> Option<Limit> {
    if let Some(limit) = error.downcast_ref::<Limit>() {
        return Some(*limit);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(Limit::Resources);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Some(Limit::Fuel),
        Some(Trap::StackOverflow) => Some(Limit::Stack),
        _ => None,
    }
}

fn set_up_failed(error: &wasmtime::Error) -> Error {
    Error::Sandbox(one_line(&format!("{error:#}")))
}

/// What the component printed on stderr before it failed.
fn complaint(stderr: &[u8]) -> Error {
    let line = std::str::from_utf8(stderr)
        .ok()
        .and_then(|text| text.strip_prefix("epicac: "))
        .and_then(|text| text.strip_suffix('\n'));
    match line {
        Some(line) if !line.is_empty() => Error::Component(one_line(line)),
        _ => Error::Output("it failed without a reason"),
    }
}

/// `text` without the characters that would end the line or move on it, and of bounded length.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(2_000)
        .collect()
}
