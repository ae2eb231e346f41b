//! A second wall behind the sandbox: before the guest runs, this process gives up what it no longer needs.
//!
//! If the sandbox fails, the kernel still limits the process to what a credential process does:
//!
//! | layer | by | what is gone |
//! |---|---|---|
//! | `no_new_privs` | prctl | more privileges by executing a set-user-ID program |
//! | `no_core_dumps` | prctl, rlimit | core dumps, and reading of this process' memory by other processes of the same user |
//! | `files` | Landlock | every file outside of the token's folder, and everything but reading inside of it. On newer kernels, also signals to other processes, and their abstract sockets |
//! | `tcp` | Landlock | binding, and connecting to any port except that of the endpoint, and with roles that of STS or of the proxy. The port of an https endpoint stays only if the endpoint is granted |
//! | `system_calls` | seccomp | every system call that is not in `wall/calls.json`: executing, executable memory, processes and threads, tracing, listening, other sockets than TCP, opening to write, … |
//!
//! A layer is left out if the kernel or the container does not support it. The run goes on without it, unless a
//! policy requires the layer.
//!
//! | what the kernel is told | where |
//! |---|---|
//! | the layers, in order | `raise`, below |
//! | the rules of Landlock, and the folders in them | `landlocked`, `places` |
//! | the system calls that remain, and the filter made of them | `calls.json`, build/filter.rs, `filter` |
//! | earlier, at the beginning of `main`: the memory is hidden, inherited descriptors are closed | `cli/start.rs` |

#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod landlocked;
mod layer;
mod places;

use crate::grants::Admitted;
pub use layer::Layer;

/// The wall: the layers that stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall(Vec<Layer>);

impl Wall {
    /// Puts up the layers that this system supports, for a run with these grants. It cannot be undone.
    ///
    /// It is meant for a process with one thread that only runs the component, like the program `epicac`. Core dumps
    /// are turned off for the whole process. The other layers hold for the calling thread and the threads that it
    /// starts. This library never calls it by itself.
    ///
    /// Behind the wall, [`Provider::get_credentials`](crate::Provider::get_credentials) works with these grants, and
    /// open descriptors can be written to. Make the executor and the sandbox, and call [`Admitted::prepare`], before.
    pub fn raise(admitted: &Admitted) -> Self {
        Self(raise(&[admitted], false))
    }

    /// The same for a server that runs with each of these grants, and listens already. It can still accept connections
    /// on the sockets that listen. It cannot make another socket listen.
    pub fn raise_to_serve(admitted: &[&Admitted]) -> Self {
        Self(raise(admitted, true))
    }

    /// A wall of these layers, for tests.
    #[cfg(test)]
    pub(crate) fn of(layers: Vec<Layer>) -> Self {
        Self(layers)
    }

    /// The layers that the kernel enforces. It does not know the others, or the container does not allow them.
    pub fn standing(&self) -> &[Layer] {
        &self.0
    }
}

#[cfg(target_os = "linux")]
fn raise(admitted: &[&Admitted], serves: bool) -> Vec<Layer> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit};

    let no_new_privs = rustix::thread::set_no_new_privs(true);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core_dumps = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .and(rustix::process::setrlimit(Resource::Core, none));
    let (files, tcp) = landlocked::restrict(admitted);
    // Last, because it forbids the calls that put up the other layers.
    let system_calls = filter::apply(serves);
    [
        (Layer::NoNewPrivs, no_new_privs.is_ok()),
        (Layer::NoCoreDumps, no_core_dumps.is_ok()),
        (Layer::Files, files),
        (Layer::Tcp, tcp),
        (Layer::SystemCalls, system_calls),
    ]
    .into_iter()
    .filter_map(|(layer, stands)| stands.then_some(layer))
    .collect()
}

#[cfg(not(target_os = "linux"))]
fn raise(_: &[&Admitted], _: bool) -> Vec<Layer> {
    Vec::new()
}
