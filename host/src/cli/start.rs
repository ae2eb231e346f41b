//! The first steps of the program, before it does anything that a caller asks for.
//!
//! | when | step |
//! |---|---|
//! | before `main` | no huge pages for this process; closed standard descriptors are opened |
//! | first in `main` | what the loader has written becomes read-only; the memory is hidden from other processes; everything that the parent left open is closed; one signal is ignored |
//! | first of a server | the signals that end it are no longer blocked |
//!
//! A credential process and every verb need only standard input, output and error. epicac in the place of a shell runs
//! only itself, so no other program needs the descriptors.

#![allow(
    unsafe_code,
    reason = "descriptors that the parent left open have no owner in this process, and what runs before `main` stands in a section of its own"
)]

use super::error::VerbError;
use libc::{c_int, c_uint};
use rustix::process::{DumpableBehavior, Resource};
use rustix::stdio::dup2_stderr;
use std::ffi::CStr;
use std::fs::{self, OpenOptions};
use std::mem::MaybeUninit;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::ptr;

/// The first descriptor after the three that are kept.
const FIRST: c_int = libc::STDERR_FILENO + 1;

// SAFETY: an entry of this section is the address of a function, and `before_main` is one. It ignores any arguments that
// the C library passes.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

/// The C library calls this function before `main`. Rust's library is not ready yet, so the kernel is asked directly.
extern "C" fn before_main() {
    // With huge pages, the first byte of the allocator's arena would take 2 MiB of memory.
    // SAFETY: it takes no pointer.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) };
    (0..FIRST).for_each(open_if_closed);
}

/// Opens a closed descriptor, so that nothing can be written to it.
///
/// Rust's runtime would open `/dev/null` there. Writing to that always succeeds, and without `/dev/null` the runtime ends
/// the process.
fn open_if_closed(descriptor: c_int) {
    /// The root folder always exists.
    const PATHS: [&CStr; 2] = [c"/dev/null", c"/"];
    // SAFETY: this asks for the flags of a descriptor, which need not be open.
    let is_open = || unsafe { libc::fcntl(descriptor, libc::F_GETFD) } != -1;
    for path in PATHS {
        if is_open() {
            return;
        }
        // The kernel gives the lowest number that is free, and those below are open already.
        // SAFETY: the path ends with a zero.
        unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_NONBLOCK) };
    }
}

/// To be called first of all in `main`, before anything is opened.
pub(crate) fn give_up() {
    #[cfg(all(target_env = "musl", target_feature = "crt-static"))]
    protect_relocations();
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

/// How many descriptors a run needs, with the three that are kept. Without roles it uses 8.
const NEEDED: u64 = 16;

/// Without enough descriptors, a part of the wall or the token is missing, and the message would be about that.
///
/// # Errors
///
/// The limit of this process, if it is too low.
pub(super) fn check_descriptors() -> Result<(), VerbError> {
    match rustix::process::getrlimit(Resource::Nofile).current {
        Some(limit) if limit < NEEDED => Err(VerbError::Descriptors(limit)),
        _ => Ok(()),
    }
}

/// For Linux before 5.9, and for a container whose filter of system calls does not know `close_range`.
fn close_each() {
    /// More than a caller leaves open.
    const MOST: u64 = 1 << 16;
    let listed = fs::read_dir("/proc/self/fd").map(|entries| {
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter(|descriptor| *descriptor >= FIRST).collect()
    });
    // Without /proc, or without a free descriptor to read it.
    let up_to_the_limit = |_| {
        let limit = rustix::process::getrlimit(Resource::Nofile).current;
        let limit = limit.unwrap_or(MOST).min(MOST);
        (FIRST..c_int::try_from(limit).unwrap_or(c_int::MAX)).collect()
    };
    let descriptors: Vec<c_int> = listed.unwrap_or_else(up_to_the_limit);
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

/// Makes the addresses of functions and data read-only that the program has got when it was loaded (RELRO).
///
/// Other C libraries do it by themselves. musl does it only for a program that is linked dynamically.
#[cfg(all(target_env = "musl", target_feature = "crt-static"))]
fn protect_relocations() {
    use libc::{c_void, dl_phdr_info, size_t};

    unsafe extern "C" fn protect(object: *mut dl_phdr_info, _: size_t, _: *mut c_void) -> c_int {
        // SAFETY: the C library hands in the headers of the program, which stay where they are.
        let (base, headers) = unsafe {
            let object = &*object;
            let count = usize::from(object.dlpi_phnum);
            (
                object.dlpi_addr,
                std::slice::from_raw_parts(object.dlpi_phdr, count),
            )
        };
        // SAFETY: it takes no pointer.
        let page = unsafe { libc::getauxval(libc::AT_PAGESZ) };
        for header in headers {
            if header.p_type == libc::PT_GNU_RELRO {
                let start = (base + header.p_vaddr) & !(page - 1);
                let end = (base + header.p_vaddr + header.p_memsz) & !(page - 1);
                // SAFETY: the linker put nothing else there, and nothing writes there once the program is loaded.
                unsafe {
                    libc::mprotect(
                        start as *mut c_void,
                        (end - start) as usize,
                        libc::PROT_READ,
                    )
                };
            }
        }
        // The program is the only object.
        1
    }
    // SAFETY: the function is one of this kind, and takes nothing of ours.
    unsafe { libc::dl_iterate_phdr(Some(protect), ptr::null_mut()) };
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
