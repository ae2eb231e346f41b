//! Puts up the wall of `epicac::wall` around itself, then tries one thing, and tells what the kernel said.
//!
//! `epicac-behind-wall on ATTEMPT [ARGUMENT]` prints `ok`, or the name of the error; with `off` in place of
//! `on` there is no wall, which shows that the attempt is one that works; with `beyond`, an https endpoint is
//! granted, as only `epicac --policy FILE` does; with `serving`, it is the wall of a server. The variable `ROLES` has the
//! arguments that name roles. `layers` prints those that stand,
//! `system-calls` what comes of many of them, and `wait` prints `waiting` and waits for the end of standard
//! input, so that others can look at the process.

#![allow(
    unsafe_code,
    reason = "what is tried are bare system calls, as somebody who took over the process would make them"
)]

use epicac::{Grants, Policy, Roles, Wall};
use libc::{c_int, c_long};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs, thread};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [mode @ ("on" | "off" | "beyond" | "serving"), attempt @ ..] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    // There before the wall, as the executor and the listener of `epicac` are.
    let page = Memory::new();
    let (Ok(listener), Ok(grants)) = (Listener::new(), grants()) else {
        return ExitCode::from(2);
    };
    let wall = match *mode {
        "on" => Some(Wall::raise(&grants.into())),
        "serving" => Some(Wall::raise_to_serve(&[&grants.into()])),
        "beyond" => match Policy::effective(&grants).and_then(|policy| policy.admit(grants)) {
            Ok(admitted) => Some(Wall::raise(&admitted)),
            Err(_) => return ExitCode::from(2),
        },
        _ => None,
    };
    let outcome = match attempt {
        ["layers"] => {
            for layer in wall.iter().flat_map(Wall::standing) {
                println!("{layer}");
            }
            return ExitCode::SUCCESS;
        }
        ["system-calls"] => {
            for (name, error) in bare_calls() {
                println!("{name}: {error}");
            }
            return ExitCode::SUCCESS;
        }
        ["accept"] => Some(listener.accept()),
        [name] => attempt_of(name, &page),
        [name, argument] => attempt_on(name, argument),
        _ => None,
    };
    match outcome {
        None => return ExitCode::from(2),
        Some(Ok(())) => println!("ok"),
        Some(Err(error)) => match error.raw_os_error() {
            Some(libc::EPERM) => println!("EPERM"),
            Some(libc::EACCES) => println!("EACCES"),
            _ => println!("{error}"),
        },
    }
    ExitCode::SUCCESS
}

fn grants() -> Result<Grants, epicac::Error> {
    let grants = Grants::from_process()?;
    match env::var("ROLES") {
        Ok(arguments) => Ok(grants.with_roles(Roles::from_process(arguments.split(' '))?)),
        Err(_) => Ok(grants),
    }
}

fn attempt_on(name: &str, argument: &str) -> Option<io::Result<()>> {
    let path = Path::new(argument);
    Some(match name {
        "read" => File::open(path).and_then(|mut file| file.read(&mut [0; 16]).map(drop)),
        "read-later" => wait().and_then(|()| fs::read(path).map(drop)),
        "write" => OpenOptions::new().write(true).open(path).map(drop),
        "create" => File::create_new(path).map(drop),
        "truncate" => OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(path)
            .map(drop),
        "delete" => fs::remove_file(path),
        "rename" => fs::rename(path, path.with_extension("renamed")),
        "link" => fs::hard_link(path, path.with_extension("linked")),
        "chmod" => fs::metadata(path).and_then(|it| fs::set_permissions(path, it.permissions())),
        "list" => fs::read_dir(path).and_then(|mut entries| entries.next().transpose().map(drop)),
        "exec" => Command::new(path)
            .spawn()
            .and_then(|mut it| it.wait().map(drop)),
        "connect" => match argument.parse::<SocketAddr>() {
            Ok(address) => TcpStream::connect(address).map(drop),
            Err(_) => return None,
        },
        "fast-open" => fast_open(argument.parse().ok()?),
        _ => return None,
    })
}

/// Until the end of standard input.
fn wait() -> io::Result<()> {
    println!("waiting");
    io::stdin().read(&mut [0; 1]).map(drop)
}

fn attempt_of(name: &str, memory: &Memory) -> Option<io::Result<()>> {
    let (read, write, exec) = (libc::PROT_READ, libc::PROT_WRITE, libc::PROT_EXEC);
    Some(match name {
        "wait" => wait(),
        "thread" => thread::Builder::new().spawn(|| ()).map(drop),
        "memory" => Memory::map(read | write),
        "executable-memory" => Memory::map(read | exec),
        "writable-code" => Memory::map(read | write | exec),
        "memory-made-executable" => memory.protect(read | exec),
        "udp" => socket(libc::AF_INET, libc::SOCK_DGRAM, 0),
        "unix" => socket(libc::AF_UNIX, libc::SOCK_STREAM, 0),
        "raw" => socket(libc::AF_INET, libc::SOCK_RAW, 0),
        "netlink" => socket(libc::AF_NETLINK, libc::SOCK_RAW, 0),
        "tcp" => socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0),
        "tcp6" => socket(libc::AF_INET6, libc::SOCK_STREAM, libc::IPPROTO_TCP),
        "bind" => bind(),
        "listen" => listen(),
        "mptcp" => socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_MPTCP),
        "mptcp6" => socket(libc::AF_INET6, libc::SOCK_STREAM, libc::IPPROTO_MPTCP),
        "sctp" => socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_SCTP),
        "smc" => socket(libc::AF_INET, libc::SOCK_STREAM, IPPROTO_SMC),
        "smc6" => socket(libc::AF_INET6, libc::SOCK_STREAM, IPPROTO_SMC + 1),
        _ => return None,
    })
}

/// System calls that are gone, each made without arguments, and what the kernel says to them.
fn bare_calls() -> Vec<(&'static str, io::Error)> {
    macro_rules! calls {
        ($($name:ident)+) => {
            vec![$((stringify!($name), bare(libc::$name))),+]
        };
    }
    calls! {
        SYS_execve SYS_execveat SYS_clone3 SYS_unshare SYS_setns
        SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_pidfd_open SYS_pidfd_getfd
        SYS_kill SYS_tkill SYS_tgkill SYS_prctl SYS_personality SYS_seccomp
        SYS_pkey_mprotect SYS_memfd_create SYS_shmat SYS_userfaultfd
        SYS_bind SYS_listen SYS_accept SYS_accept4 SYS_socketpair SYS_sendmsg SYS_sendmmsg SYS_setsockopt
        SYS_openat2 SYS_unlinkat SYS_renameat2 SYS_linkat SYS_symlinkat SYS_mkdirat SYS_mknodat
        SYS_fchmodat SYS_fchownat SYS_truncate SYS_ftruncate SYS_getdents64 SYS_ioctl SYS_inotify_init1
        SYS_setxattr SYS_utimensat SYS_chdir SYS_open_by_handle_at SYS_name_to_handle_at
        SYS_setuid SYS_setgid SYS_setresuid SYS_capset SYS_prlimit64
        SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_fsopen
        SYS_init_module SYS_finit_module SYS_delete_module
        SYS_bpf SYS_perf_event_open SYS_keyctl SYS_add_key SYS_request_key
        SYS_io_uring_setup SYS_io_setup SYS_landlock_restrict_self SYS_syslog
    }
}

fn bare(number: c_long) -> io::Error {
    // SAFETY: without arguments none of them can touch the memory of this process.
    let returned = unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) };
    if returned == -1 {
        io::Error::last_os_error()
    } else {
        io::Error::other("it worked")
    }
}

/// Of Linux 6.11; the next one is that over IPv6.
const IPPROTO_SMC: c_int = 256;

fn socket(domain: c_int, kind: c_int, protocol: c_int) -> io::Result<()> {
    // SAFETY: it takes no pointer. The descriptor is closed with the process.
    checked(unsafe { libc::socket(domain, kind, protocol) }.into())
}

/// A listener, and somebody who waits there.
struct Listener {
    listener: TcpListener,
    _waiting: TcpStream,
}

impl Listener {
    fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let _waiting = TcpStream::connect(listener.local_addr()?)?;
        Ok(Self { listener, _waiting })
    }

    fn accept(&self) -> io::Result<()> {
        self.listener.accept().map(drop)
    }
}

/// Takes a port that the system chooses.
fn bind() -> io::Result<()> {
    let name = socket_address(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));
    // SAFETY: the address is there, of the length that is given, as long as the call takes.
    checked(
        unsafe {
            let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
            let length = size_of_val(&name) as libc::socklen_t;
            libc::bind(socket, (&raw const name).cast(), length)
        }
        .into(),
    )
}

/// Listens at a port that the system chooses, on all addresses: nobody has bound the socket.
fn listen() -> io::Result<()> {
    // SAFETY: they take no pointer.
    checked(unsafe { libc::listen(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0), 1) }.into())
}

fn socket_address(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(*address.ip()).to_be(),
        },
        sin_zero: [0; 8],
    }
}

/// Connects by sending, which no rule about connecting sees.
fn fast_open(address: SocketAddr) -> io::Result<()> {
    let SocketAddr::V4(address) = address else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let name = socket_address(address);
    // SAFETY: the address is there, of the length that is given, as long as the call takes.
    checked(unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
        let data = b"x";
        libc::sendto(
            socket,
            data.as_ptr().cast(),
            data.len(),
            libc::MSG_FASTOPEN,
            (&raw const name).cast(),
            size_of_val(&name) as libc::socklen_t,
        )
    } as c_long)
}

/// A page.
struct Memory(*mut libc::c_void);

const PAGE: usize = 4096;

impl Memory {
    fn new() -> Self {
        Self(map(libc::PROT_READ | libc::PROT_WRITE))
    }

    fn map(protection: c_int) -> io::Result<()> {
        checked(if map(protection) == libc::MAP_FAILED {
            -1
        } else {
            0
        })
    }

    fn protect(&self, protection: c_int) -> io::Result<()> {
        // SAFETY: the page is this one's, and nothing is in it.
        checked(unsafe { libc::mprotect(self.0, PAGE, protection) }.into())
    }
}

fn map(protection: c_int) -> *mut libc::c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping takes the place of no other.
    unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0) }
}

fn checked(returned: c_long) -> io::Result<()> {
    if returned == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
