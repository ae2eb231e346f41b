//! What every function of the linker works on.

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
