//! The system calls that are allowed behind the wall: those that a run needs from the start of the guest to the
//! end of the process. Every other call fails with `EPERM`.

use libc::{c_int, c_long};

/// A condition on the arguments of a system call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// No condition.
    Any,
    /// The memory does not become executable: no `PROT_EXEC` in the third argument.
    NotExecutable,
    /// The file is opened to read, and neither created nor emptied. The flags are the second argument.
    ReadOnly,
    /// The same. The flags are the third argument.
    ReadOnlyAt,
    /// A TCP socket over IPv4 or IPv6. Other protocols that are streams are denied.
    Tcp,
    /// No address is given. With one, the call would connect by TCP fast open, which Landlock does not see.
    Connected,
    /// The command is one of the [`DESCRIPTOR_COMMANDS`].
    Descriptor,
}

/// The flags of `open` that are denied.
pub(super) const TO_WRITE: c_int =
    libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;

/// The commands of `fcntl` that are allowed: they copy a descriptor, read and set its flags, and read those of the
/// open file.
pub(super) const DESCRIPTOR_COMMANDS: [c_int; 4] = [
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
];

/// All calls that remain. C libraries for x86_64 still make some of them by an older name.
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
    // The request. Landlock limits its port, because a filter cannot read an address.
    (libc::SYS_socket, Rule::Tcp),
    (libc::SYS_connect, Rule::Any),
    (libc::SYS_getsockopt, Rule::Any),
    (libc::SYS_sendto, Rule::Connected),
    (libc::SYS_recvfrom, Rule::Any),
    (libc::SYS_shutdown, Rule::Any),
    // Waiting, and the clock on machines where the C library cannot read it from the vDSO.
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
