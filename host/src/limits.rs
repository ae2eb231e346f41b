//! The limits of a run, which the host enforces. The component has limits of its own
//! (component/src/limits.rs); these hold even if it does not keep to them.
//!
//! Each field of [`Limits`] is one line under `limits` in a policy, with the same name (`deadline` is
//! `deadline_ms`). The other numbers here and the size of the stack are the same under every policy.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How much a run may use. As JSON, this is the `limits` of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct Limits {
    /// The time that a run may take, waiting included. In JSON it is in milliseconds.
    #[serde(rename = "deadline_ms", with = "positive")]
    pub deadline: Duration,
    /// The instructions that a run may execute, as Wasmtime counts fuel.
    #[serde(deserialize_with = "positive::number")]
    pub fuel: u64,
    /// The size of the linear memories together, in bytes.
    #[serde(deserialize_with = "positive::number")]
    pub memory_bytes: usize,
    /// The number of elements of the tables together.
    #[serde(deserialize_with = "positive::number")]
    pub table_elements: usize,
    /// The number of resources that are open at the same time.
    #[serde(deserialize_with = "positive::number")]
    pub resources: usize,
    /// The number of requests of a run.
    #[serde(deserialize_with = "positive::number")]
    pub requests: u32,
    /// The size of a request's header, in bytes.
    #[serde(deserialize_with = "positive::number")]
    pub header_bytes: usize,
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
        requests: 32,
        // A token of 64 KiB (behaviour.md §2) and room for the rest.
        header_bytes: 80 << 10,
    };
}

/// Numbers above 0: a limit of 0 would stop every run. A duration is a number of milliseconds.
mod positive {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        let number = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        number.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        number(from).map(Duration::from_millis)
    }

    pub(super) fn number<'de, D, T>(from: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: Deserialize<'de> + Default + PartialEq,
    {
        match T::deserialize(from)? {
            zero if zero == T::default() => Err(D::Error::custom("a limit of 0 stops every run")),
            number => Ok(number),
        }
    }
}

/// The bytes of the host that the arguments of one call may take. There is room for a header with a token of 64 KiB, or
/// for a path as long as a variable can be. Wasmtime's own limit is 128 MiB.
pub(crate) const CALL_BYTES: usize = 512 << 10;

/// The handles that the runtime keeps for the component. They include those of the component's own types of
/// resources, which [`Limits::resources`] does not count. Wasmtime's own limit is 100,000.
pub(crate) const HANDLES: usize = 1_000;

/// The number of instances, of memories and of tables that a component may have. epicac.wasm has three instances, and one
/// that is composed with others has a few more. Wasmtime's own limit is 10,000.
pub(crate) const PARTS: usize = 100;

/// The time that an attempt may take to connect, where the component sets no time or a longer one (`behaviour.md` §3).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The same for the wait for the first byte of a response, and for each pause between two bytes.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The size of a response's header, with all interim responses before it, in bytes.
pub(crate) const RESPONSE_HEADER_BYTES: usize = 64 << 10;

/// The size of the body of a request to STS, in bytes.
pub(crate) const REQUEST_BODY_BYTES: usize = 64 << 10;

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
    /// The depth of calls, `STACK_BYTES` of stack (src/sandbox/engine.rs).
    Stack,
}

impl Limit {
    /// The pointer to this limit in a policy. The stack has no member there.
    pub(crate) fn pointer(self) -> Option<&'static str> {
        match self {
            Self::Deadline => Some("/limits/deadline_ms"),
            Self::Fuel => Some("/limits/fuel"),
            Self::Memory => Some("/limits/memory_bytes"),
            Self::Table => Some("/limits/table_elements"),
            Self::Resources => Some("/limits/resources"),
            Self::Requests => Some("/limits/requests"),
            Self::Header => Some("/limits/header_bytes"),
            Self::Stack => None,
        }
    }
}

/// Its name in messages.
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
        })
    }
}

impl std::error::Error for Limit {}
