//! The bounds of a run. The component keeps its own time budget; these are the second line, for a
//! component that does not.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How much of everything a run may use. As JSON, the `limits` of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct Limits {
    /// The time that a run may take, waiting included; in milliseconds, as JSON.
    #[serde(rename = "deadline_ms", with = "milliseconds")]
    pub deadline: Duration,
    /// The instructions that a run may execute, as Wasmtime counts fuel.
    pub fuel: u64,
    /// The size of the linear memories together, in bytes.
    pub memory_bytes: usize,
    /// The number of elements of the tables together.
    pub table_elements: usize,
    /// The number of resources that are open at the same time.
    pub resources: usize,
    /// The number of requests of a run.
    pub requests: u32,
    /// The size of a request's header, in bytes.
    pub header_bytes: usize,
    /// The size of what the component prints, in bytes.
    pub stdout_bytes: usize,
    /// The size of what the component complains, in bytes.
    pub stderr_bytes: usize,
}

impl Limits {
    /// The built-in limits: several times what the component ever needs, and far from what could hurt.
    pub const BUILT_IN: Self = Self {
        // behaviour.md §3 gives the component 25 seconds.
        deadline: Duration::from_secs(27),
        fuel: 1_000_000_000,
        memory_bytes: 16 << 20,
        table_elements: 10_000,
        resources: 128,
        requests: 8,
        // A token of 64 KiB (behaviour.md §2) and room for the rest.
        header_bytes: 80 << 10,
        // behaviour.md §5.
        stdout_bytes: 64_000,
        stderr_bytes: 4 << 10,
    };
}

/// A duration as a number of milliseconds.
mod milliseconds {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        let number = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        number.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

/// What one call may hand to the host, in bytes of the host: a header with a token of 64 KiB, or a path as
/// long as a variable can be, and room. Wasmtime's own limit is 128 MiB.
pub(crate) const CALL_BYTES: usize = 512 << 10;

/// The handles that the runtime keeps for the component, of its own types of resources too, which
/// [`Limits::resources`] does not see. Wasmtime's own limit is 100,000.
pub(crate) const HANDLES: usize = 1_000;

/// The instances, memories and tables that a component may be made of, each: epicac.wasm has three
/// instances, and one composed with others a few more. Wasmtime's own limit is 10,000.
pub(crate) const PARTS: usize = 100;

/// The limit that a run went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::deadline`].
    Deadline,
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::table_elements`].
    Table,
    /// [`Limits::resources`].
    Resources,
    /// [`Limits::requests`].
    Requests,
    /// [`Limits::header_bytes`].
    Header,
    /// The depth of calls, `STACK_BYTES` of stack (src/engine.rs).
    Stack,
    /// [`Limits::stdout_bytes`].
    Stdout,
    /// [`Limits::stderr_bytes`].
    Stderr,
}

/// Its name, by which the member of [`Limits`] begins.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "deadline",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Resources => "resources",
            Self::Requests => "requests",
            Self::Header => "header",
            Self::Stack => "stack",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        })
    }
}

impl std::error::Error for Limit {}
