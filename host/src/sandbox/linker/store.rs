//! The state that every function of the linker works on.

use crate::sandbox::state::State;
use wasmtime::component::{LinkerInstance, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

pub(super) type Store<'a> = StoreContextMut<'a, State>;

/// Makes `T` the type behind the resource `name`; a handle that the guest drops leaves the table.
pub(super) fn resource<T: Send + 'static>(
    instance: &mut LinkerInstance<'_, State>,
    name: &str,
) -> Result<()> {
    instance.resource(name, ResourceType::host::<T>(), |mut store, rep| {
        store.data_mut().table.delete(Resource::<T>::new_own(rep))?;
        Ok(())
    })
}

/// The outcome of an operation as the guest sees it. `convert` passes a trap on as one.
pub(super) fn outcome<T, E, C>(
    result: Result<T, E>,
    convert: impl FnOnce(E) -> Result<C>,
) -> Result<Result<T, C>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => Ok(Err(convert(error)?)),
    }
}

/// Defines functions of an instance, each by its name in the world, its arguments and its result. `$part` is what of
/// the state they work on.
macro_rules! functions {
    ($instance:expr, $part:ident = $state:ident => $of:expr; $($name:literal ($($argument:ident: $type:ty),*) => $result:expr;)*) => {
        $($instance.func_wrap($name, |mut store: Store<'_>, ($($argument,)*): ($($type,)*)| {
            let $state = store.data_mut();
            #[allow(unused_mut, reason = "some parts are references already")]
            let mut $part = $of;
            Ok(($result,))
        })?;)*
    };
}

pub(super) use functions;
