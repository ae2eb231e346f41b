//! The system calls that are allowed behind the wall: those that a run needs from the start of the guest to the
//! end of the process. Every other call fails with `EPERM`.

use libc::{c_int, c_long};

/// What is asked of a system call's arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nothing.
    Any,
    /// The memory does not become executable: no `PROT_EXEC` in the third argument.
    NotExecutable,
    /// The file is opened to read, and neither created nor emptied; the flags are the first argument but
    /// one, or the third.
    ReadOnly,
    ReadOnlyAt,
    /// A socket over IPv4 or IPv6, of TCP and of no other protocol that is a stream, too.
    Tcp,
    /// No address, which would be a connection by TCP fast open that Landlock does not see.
    Connected,
    /// One of the [`DESCRIPTOR_COMMANDS`].
    Descriptor,
}

/// What `open` may not be asked for.
pub(super) const TO_WRITE: c_int =
    libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;

/// What `fcntl` may be asked for: a copy of a descriptor, and its flags.
pub(super) const DESCRIPTOR_COMMANDS: [c_int; 4] = [
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
];

/// Every call that is left. Those of x86_64 alone are what its C libraries call by an older name.
pub(super) const CALLS: &[(c_long, Rule)] = &[
    // The token file, and the output.
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, Rule::ReadOnly),
    (libc::SYS_openat, Rule::ReadOnlyAt),
    (libc::SYS_fstat, Rule::Any),
    (libc::SYS_newfstatat, Rule::Any),
    (libc::SYS_statx, Rule::Any),
    (libc::SYS_pread64, Rule::Any),
    (libc::SYS_read, Rule::Any),
    (libc::SYS_write, Rule::Any),
    (libc::SYS_writev, Rule::Any),
    (libc::SYS_fcntl, Rule::Descriptor),
    (libc::SYS_close, Rule::Any),
    // The request. Which port it goes to is Landlock's to say: a filter cannot see an address.
    (libc::SYS_socket, Rule::Tcp),
    (libc::SYS_connect, Rule::Any),
    (libc::SYS_getsockopt, Rule::Any),
    (libc::SYS_sendto, Rule::Connected),
    (libc::SYS_recvfrom, Rule::Any),
    (libc::SYS_shutdown, Rule::Any),
    // Waiting, and the clock where the kernel does not give it to the process' own memory.
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_epoll_wait, Rule::Any),
    (libc::SYS_epoll_pwait, Rule::Any),
    (libc::SYS_epoll_ctl, Rule::Any),
    (libc::SYS_clock_gettime, Rule::Any),
    (libc::SYS_clock_nanosleep, Rule::Any),
    (libc::SYS_restart_syscall, Rule::Any),
    // Memory.
    (libc::SYS_brk, Rule::Any),
    (libc::SYS_mmap, Rule::NotExecutable),
    (libc::SYS_mprotect, Rule::NotExecutable),
    (libc::SYS_mremap, Rule::Any),
    (libc::SYS_munmap, Rule::Any),
    (libc::SYS_madvise, Rule::Any),
    // A trap of the guest is a signal.
    (libc::SYS_rt_sigaction, Rule::Any),
    (libc::SYS_rt_sigprocmask, Rule::Any),
    (libc::SYS_rt_sigreturn, Rule::Any),
    (libc::SYS_sigaltstack, Rule::Any),
    // The rest of a Rust program.
    (libc::SYS_futex, Rule::Any),
    (libc::SYS_sched_yield, Rule::Any),
    (libc::SYS_getrandom, Rule::Any),
    (libc::SYS_exit, Rule::Any),
    (libc::SYS_exit_group, Rule::Any),
];
