//! Reads which functions a component imports, so that nothing has to be decoded when it runs.

use wit_parser::decoding::{self, DecodedWasm};
use wit_parser::{Resolve, WorldItem};

/// The imported functions of the component `wasm`, sorted, one a line: `wasi:io/poll@0.2.0#poll`.
///
/// # Errors
///
/// One line, when it is no component, or imports something that is not a function of an interface.
pub fn of(wasm: &[u8]) -> Result<String, String> {
    let decoded = decoding::decode(wasm).map_err(|error| format!("the component: {error:#}"))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err("the component is a WIT package".to_owned());
    };
    let mut lines = Vec::new();
    for (key, item) in resolve
        .worlds
        .get(world)
        .into_iter()
        .flat_map(|w| &w.imports)
    {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => lines.extend(functions(&resolve, *id, &name)),
            WorldItem::Function(_) => return Err(format!("the component imports {name} itself")),
            // A type is no way to do anything.
            WorldItem::Type { .. } => {}
        }
    }
    lines.sort();
    Ok(lines.concat())
}

fn functions(resolve: &Resolve, id: wit_parser::InterfaceId, interface: &str) -> Vec<String> {
    let functions = resolve.interfaces.get(id).map(|i| i.functions.keys());
    functions
        .into_iter()
        .flatten()
        .map(|function| format!("{interface}#{function}\n"))
        .collect()
}
