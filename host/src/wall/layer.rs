//! The layers of the wall and their names.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A layer of the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// A program that is executed gets no more privileges.
    NoNewPrivs,
    /// The memory is neither dumped nor shown to other processes.
    NoCoreDumps,
    /// Files can only be opened below the token's folder, and only to be read.
    Files,
    /// TCP connections go to the endpoint's port only, and with roles to that of STS or of the proxy.
    Tcp,
    /// System calls that a run does not need fail.
    SystemCalls,
}

impl Layer {
    /// All layers, in the order in which they are put up.
    pub const ALL: [Self; 5] = [
        Self::NoNewPrivs,
        Self::NoCoreDumps,
        Self::Files,
        Self::Tcp,
        Self::SystemCalls,
    ];
}

/// The name of the layer in a policy.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
