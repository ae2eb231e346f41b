//! Compiles the list of system calls, `src/wall/calls.json`, to the filters that `src/wall/filter.rs` puts up.
//!
//! The form of an element of the list is that of seccompiler, which also has the numbers of the calls of each processor:
//! <https://github.com/rust-vmm/seccompiler/blob/main/docs/json_format.md>.

use seccompiler::{TargetArch, sock_filter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

/// When a filter is put up, the kernel evaluates it for each number that a call can have, unless the filter reads an
/// argument first. That would cost more than the whole run. So this instruction reads one, and nothing depends on it.
const READ_AN_ARGUMENT: sock_filter = sock_filter {
    // BPF_LD, BPF_W and BPF_ABS.
    code: 0x20,
    jt: 0,
    jf: 0,
    // The first argument, in the kernel's `struct seccomp_data`.
    k: 16,
};

/// The filters for this processor, as Rust: the one of a run is `RUN`, the one of a server `SERVE`.
///
/// # Errors
///
/// The list is not of this form, or names a call that the processor does not have.
pub fn source(list: &str, processor: &str) -> Result<String, Box<dyn Error>> {
    let list: Value = serde_json::from_str(list)?;
    let part = |name: &str| list.get(name).cloned().unwrap_or_default();
    let filter = |names: &[&str]| {
        let calls = names
            .iter()
            .filter_map(|name| part(name).as_array().cloned());
        json!({
            "mismatch_action": part("mismatch_action"),
            "match_action": part("match_action"),
            "filter": calls.flatten().collect::<Vec<_>>(),
        })
    };
    let filters = json!({
        "RUN": filter(&["every", processor]),
        "SERVE": filter(&["every", processor, "serve"]),
    });
    let processor: TargetArch = processor.try_into()?;
    let programs = seccompiler::compile_from_json(filters.to_string().as_bytes(), processor)?;
    // In one order, so that each build gives the same bytes.
    let programs: BTreeMap<_, _> = programs.into_iter().collect();
    let mut source = String::new();
    for (name, program) in programs {
        writeln!(source, "const {name}: &[sock_filter] = &[")?;
        for sock_filter { code, jt, jf, k } in [READ_AN_ARGUMENT].into_iter().chain(program) {
            writeln!(
                source,
                "    sock_filter {{ code: {code}, jt: {jt}, jf: {jf}, k: {k} }},"
            )?;
        }
        writeln!(source, "];")?;
    }
    Ok(source)
}
