//! The first steps of the program. It looks whether standard output is open, hides its memory from other processes,
//! closes what the parent left open, ignores one signal, and lets others come for a server.
//!
//! A credential process and every verb need only standard input, output and error. epicac in the place of a shell runs
//! only itself, so no other program needs the descriptors.

#![allow(
    unsafe_code,
    reason = "descriptors that the parent left open have no owner in this process, and what runs before `main` stands in a section of its own"
)]

use libc::{c_int, c_uint};
use rustix::process::DumpableBehavior;
use rustix::stdio::dup2_stderr;
use std::fs::{self, OpenOptions};
use std::mem::MaybeUninit;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The first descriptor after the three that are kept.
const FIRST: c_int = libc::STDERR_FILENO + 1;

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// The C library calls this function before `main`: Rust's runtime opens `/dev/null` in the place of a closed
/// descriptor, and writing to that always succeeds.
// SAFETY: an entry of this section is the address of a function, and `look` is one. It ignores any arguments that the C
// library passes.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look;

/// Asks the kernel directly: Rust's library is not ready yet.
extern "C" fn look() {
    // SAFETY: this asks for the flags of a descriptor, which need not be open.
    let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
    STDOUT_WAS_CLOSED.store(flags == -1, Ordering::Relaxed);
}

/// Whether there was no standard output.
pub(crate) fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}

/// To be called first of all in `main`, before anything is opened.
pub(crate) fn give_up() {
    // A process of the same user that opened /proc/PID/mem earlier keeps it. The wall repeats this call, and tells whether
    // it worked.
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    // SAFETY: it takes no pointer, and this process has opened nothing yet that it could close.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, FIRST, c_uint::MAX, 0) };
    if closed == -1 {
        close_each();
    }
    // The signal would end the process when a file may not grow. Ignored, it leaves a failed write, which is reported.
    // SAFETY: no handler is installed, so that nothing runs when the signal comes.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// For Linux before 5.9, and for a container whose filter of system calls does not know `close_range`. Without /proc the
/// descriptors stay open.
fn close_each() {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return;
    };
    let descriptors: Vec<c_int> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor >= FIRST)
        .collect();
    for descriptor in descriptors {
        // SAFETY: the folder is all that this process has opened itself, and it is closed again.
        unsafe { libc::close(descriptor) };
    }
}

/// Lets these signals come, if the parent has blocked them.
pub(crate) fn unblock(signals: &[c_int]) {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is made before anything else is done with it, and the old one is not asked for.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
    }
}

/// From here on, a line that standard error cannot take at once is lost. Otherwise a server, which has one thread, would
/// wait for the reader, and answer nobody.
pub(crate) fn never_wait_for_stderr() {
    const STDERR: &str = "/proc/self/fd/2";
    let kind = fs::metadata(STDERR).map(|it| it.file_type());
    // A file has no reader, and a socket cannot be opened.
    if kind.is_ok_and(|it| it.is_fifo() || it.is_char_device()) {
        let mut options = OpenOptions::new();
        options.write(true);
        // A description of its own, as other processes share the flags of the one that was inherited.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        let _ = options.open(STDERR).map(dup2_stderr);
    }
}
