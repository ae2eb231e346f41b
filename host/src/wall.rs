//! A second wall, behind the sandbox: what this process itself can no longer do once the guest runs.
//!
//! The sandbox is what keeps the component in. Should it ever fail, whoever got out finds a process that
//! the kernel lets do what a credential process does, and nothing else:
//!
//! | layer | by | what is gone |
//! |---|---|---|
//! | `no_new_privs` | prctl | more privileges by executing a set-user-ID program |
//! | `no_core_dumps` | prctl, rlimit | core dumps, and reading this process' memory by others of the same user |
//! | `files` | Landlock | every file but those below the token's folder, and there all but reading; signals and abstract sockets of others, where the kernel knows how |
//! | `tcp` | Landlock | binding, and connecting to any other port than the endpoint's (an https one's only if it is allowed), and with roles that of STS or of the proxy |
//! | `system_calls` | seccomp | every system call that is not in `wall/calls.rs`: executing, executable memory, processes and threads, tracing, listening, other sockets than TCP, opening to write, … |
//!
//! Each layer is put up where kernel and container let us; a run never fails for want of one. A policy can
//! require them.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod landlocked;
mod places;

use crate::grants::Grants;

/// Whether a layer of the wall stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The kernel enforces it.
    Enforced,
    /// The kernel does not know it, or the container does not allow it.
    Unavailable,
}

/// The wall, layer by layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// No program that is executed gives more privileges.
    pub no_new_privs: Layer,
    /// The memory is neither dumped nor shown to other processes.
    pub no_core_dumps: Layer,
    /// Files can be read below the token's folder, and that is all.
    pub files: Layer,
    /// TCP connections go to the endpoint's port only, and with roles to that of STS or of the proxy.
    pub tcp: Layer,
    /// System calls that are not needed any more fail.
    pub system_calls: Layer,
}

impl Wall {
    /// Puts up what can be put up, for a run with these grants. It cannot be undone.
    ///
    /// Meant for a process with one thread that does nothing but run the component, as the program
    /// `epicac` is: core dumps end for the whole process, the rest holds for the calling thread and for what
    /// it starts. Nothing in this crate calls it by itself.
    ///
    /// Under the wall, [`Sandbox::run`](crate::Sandbox::run) works with these grants, as does writing to
    /// what is open already. The executor and the sandbox have to be there before, and
    /// [`Grants::prepare`] has to be done.
    pub fn raise(grants: &Grants) -> Self {
        raise(grants)
    }
}

#[cfg(target_os = "linux")]
fn raise(grants: &Grants) -> Wall {
    use rustix::process::{DumpableBehavior, Resource, Rlimit};

    let no_new_privs = rustix::thread::set_no_new_privs(true);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core_dumps = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .and(rustix::process::setrlimit(Resource::Core, none));
    let (files, tcp) = landlocked::restrict(grants);
    // The last one: it forbids to put up the others.
    let system_calls = filter::apply();
    Wall {
        no_new_privs: Layer::enforced(no_new_privs.is_ok()),
        no_core_dumps: Layer::enforced(no_core_dumps.is_ok()),
        files: Layer::enforced(files),
        tcp: Layer::enforced(tcp),
        system_calls: Layer::enforced(system_calls),
    }
}

#[cfg(not(target_os = "linux"))]
fn raise(_: &Grants) -> Wall {
    Wall {
        no_new_privs: Layer::Unavailable,
        no_core_dumps: Layer::Unavailable,
        files: Layer::Unavailable,
        tcp: Layer::Unavailable,
        system_calls: Layer::Unavailable,
    }
}

impl Layer {
    #[cfg(target_os = "linux")]
    fn enforced(is_enforced: bool) -> Self {
        if is_enforced {
            Self::Enforced
        } else {
            Self::Unavailable
        }
    }
}
