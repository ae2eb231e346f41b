//! The second wall, as somebody meets it who took the process over: a debugger stops `epicac` while it waits for its
//! agent, and has it make system calls of the debugger's own. What SECURITY.md says that it cannot do is refused by the
//! kernel, whatever the program would have done by itself.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use epicac_tests::require::skipped;
use epicac_tests::{Answer, Epicac};
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::cases::agent_with;
use crate::wall::standing;

use processor::Registers;

/// `epicac`, stopped within a system call.
struct Stopped {
    process: Child,
    id: Pid,
    registers: Registers,
    /// Some of its stack, below what is in use.
    room: u64,
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(target_arch = "x86_64")]
mod processor {
    use nix::libc::user_regs_struct;
    use nix::sys::ptrace;
    use nix::unistd::Pid;

    /// `syscall`, by its bytes, and their number.
    const INSTRUCTION: i64 = 0x050f;
    const LENGTH: u64 = 2;

    #[derive(Clone, Copy)]
    pub struct Registers(user_regs_struct);

    impl Registers {
        pub fn of(process: Pid) -> Self {
            Self(ptrace::getregs(process).unwrap())
        }

        pub fn set(self, process: Pid) {
            ptrace::setregs(process, self.0).unwrap();
        }

        /// These registers at the instruction that made the call which the process waits in.
        pub fn at_call(mut self, process: Pid) -> Self {
            self.0.rip -= LENGTH;
            let instruction = ptrace::read(process, self.0.rip as ptrace::AddressType).unwrap();
            assert_eq!(instruction & 0xffff, INSTRUCTION, "it does not wait");
            // Otherwise the kernel makes the interrupted call once more.
            self.0.orig_rax = u64::MAX;
            self
        }

        pub fn with_call(self, number: i64, [rdi, rsi, rdx, r10, r8, r9]: [u64; 6]) -> Self {
            let rax = number as u64;
            Self(user_regs_struct {
                rax,
                rdi,
                rsi,
                rdx,
                r10,
                r8,
                r9,
                ..self.0
            })
        }

        pub fn returned(self) -> i64 {
            self.0.rax as i64
        }

        pub fn stack(self) -> u64 {
            self.0.rsp
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod processor {
    use nix::libc::user_regs_struct;
    use nix::sys::ptrace::{self, regset::NT_PRSTATUS};
    use nix::unistd::Pid;

    /// `svc #0`, and its length.
    const INSTRUCTION: i64 = 0xd400_0001;
    const LENGTH: u64 = 4;

    #[derive(Clone, Copy)]
    pub struct Registers(user_regs_struct);

    impl Registers {
        pub fn of(process: Pid) -> Self {
            Self(ptrace::getregset::<NT_PRSTATUS>(process).unwrap())
        }

        pub fn set(self, process: Pid) {
            ptrace::setregset::<NT_PRSTATUS>(process, self.0).unwrap();
        }

        /// These registers at the instruction that made the call which the process waits in.
        pub fn at_call(mut self, process: Pid) -> Self {
            let is_call = |address: u64| {
                let instruction = ptrace::read(process, address as ptrace::AddressType).unwrap();
                instruction & 0xffff_ffff == INSTRUCTION
            };
            // The kernel itself goes back to it for a call that it would make once more.
            if !is_call(self.0.pc) {
                self.0.pc -= LENGTH;
            }
            assert!(is_call(self.0.pc), "it does not wait");
            self
        }

        pub fn with_call(mut self, number: i64, arguments: [u64; 6]) -> Self {
            self.0.regs[..6].copy_from_slice(&arguments);
            self.0.regs[8] = number as u64;
            self
        }

        pub fn returned(self) -> i64 {
            self.0.regs[0] as i64
        }

        pub fn stack(self) -> u64 {
            self.0.sp
        }
    }
}

impl Stopped {
    fn new(process: Child) -> Self {
        let id = Pid::from_raw(process.id().try_into().unwrap());
        ptrace::seize(id, ptrace::Options::PTRACE_O_EXITKILL).unwrap();
        ptrace::interrupt(id).unwrap();
        assert!(matches!(waitpid(id, None), Ok(WaitStatus::PtraceEvent(..))));
        let registers = Registers::of(id).at_call(id);
        Self {
            process,
            id,
            registers,
            room: (registers.stack() - 2048) & !15,
        }
    }

    /// Has the process make this call, and gives what the kernel said.
    fn call(&self, number: i64, arguments: &[u64]) -> Result<u64, Errno> {
        let arguments = std::array::from_fn(|at| arguments.get(at).copied().unwrap_or(0));
        self.registers.with_call(number, arguments).set(self.id);
        ptrace::step(self.id, None).unwrap();
        let status = waitpid(self.id, None).unwrap();
        let WaitStatus::Stopped(..) = status else {
            panic!("call {number}: {status:?}");
        };
        match Registers::of(self.id).returned() {
            returned @ -4095..=-1 => Err(Errno::from_raw(-returned as i32)),
            returned => Ok(returned as u64),
        }
    }

    /// Puts these bytes into its memory, and gives their address.
    fn put(&self, bytes: &[u8]) -> u64 {
        for (at, word) in bytes.chunks(8).enumerate() {
            let mut whole = [0; 8];
            whole[..word.len()].copy_from_slice(word);
            let address = self.room + 8 * at as u64;
            ptrace::write(
                self.id,
                address as ptrace::AddressType,
                i64::from_ne_bytes(whole),
            )
            .unwrap();
        }
        self.room
    }

    fn put_text(&self, text: &str) -> u64 {
        self.put(format!("{text}\0").as_bytes())
    }

    fn put_address(&self, address: SocketAddrV4) -> u64 {
        let [high, low] = address.port().to_be_bytes();
        let family = (libc::AF_INET as u16).to_ne_bytes();
        let start = [family[0], family[1], high, low];
        self.put(&[&start[..], &address.ip().octets(), &[0; 8]].concat())
    }
}

/// What may debug a process that shows its memory to nobody: root, and in a user namespace whoever made it. `None`
/// where this test was run once more, in such a namespace.
fn as_root(test: &str) -> Option<()> {
    if rustix::process::geteuid().is_root() {
        return Some(());
    }
    let run = |program: &std::path::Path, arguments: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user"]).arg(program);
        unshare.args(arguments).status()
    };
    if !run("true".as_ref(), &[]).is_ok_and(|status| status.success()) {
        skipped("it needs root, or a user namespace, to debug epicac");
        return None;
    }
    let test = run(
        &std::env::current_exe().unwrap(),
        &["--exact", test, "--nocapture"],
    );
    assert!(test.unwrap().success(), "in a user namespace");
    None
}

/// SECURITY.md, "One that got out of the sandbox", line by line.
#[test]
fn what_somebody_who_took_the_process_over_tries_is_refused() {
    if as_root("wall_injected::what_somebody_who_took_the_process_over_tries_is_refused").is_none()
    {
        return;
    }
    let standing = standing();
    if !standing.contains(&"system_calls") {
        return skipped("this system does not have the layer system_calls");
    }
    // What a kernel without Landlock does not refuse.
    let [has_files, has_tcp] = ["files", "tcp"].map(|layer| standing.contains(&layer));
    let agent = agent_with(Answer::stall());
    let folder = tempfile::tempdir().unwrap();
    let [token, inherited] = ["token", "inherited"].map(|name| folder.path().join(name));
    fs::write(&token, "a-token").unwrap();
    let left_open = left_open(&File::create(&inherited).unwrap());
    let process = Command::new(Epicac::path())
        .env_clear()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while agent.requests().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(10), "no request");
        sleep(Duration::from_millis(5));
    }
    // It waits for the response from now on.
    sleep(Duration::from_millis(50));
    let epicac = Stopped::new(process);

    let loopback = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let other = TcpListener::bind(loopback(0)).unwrap();
    let other = loopback(other.local_addr().unwrap().port());
    let own = epicac.process.id().into();
    let token = token.to_str().unwrap();
    let call = |number: i64, arguments: &[u64]| epicac.call(number, arguments);
    let here = epicac.room;

    // Write to what the parent left open.
    let left_open = left_open.as_raw_fd() as u64;
    assert_eq!(
        call(libc::SYS_write, &[left_open, here, 1]),
        Err(Errno::EBADF)
    );

    // What a run does by itself is allowed: these calls are made.
    let (inet, stream) = (libc::AF_INET as u64, libc::SOCK_STREAM as u64);
    let tcp = call(libc::SYS_socket, &[inet, stream, 0]).unwrap();
    epicac.put_address(loopback(agent.address().port()));
    assert_eq!(call(libc::SYS_connect, &[tcp, here, 16]), Ok(0));
    let tcp = call(libc::SYS_socket, &[inet, stream, 6]).unwrap();
    epicac.put_text(token);
    let at_cwd = libc::AT_FDCWD as u64;
    let opened = call(libc::SYS_openat, &[at_cwd, here, 0]);
    assert!(opened.is_ok(), "{opened:?}");

    let refused = |what: &str, error: Errno, number: i64, arguments: &[u64]| {
        assert_eq!(call(number, arguments), Err(error), "{what}");
    };
    let denied = |number: i64, arguments: &[u64]| {
        refused(&format!("call {number}"), Errno::EPERM, number, arguments);
    };

    // Execute a program, or make a process or a thread.
    epicac.put_text("/bin/true");
    denied(libc::SYS_execve, &[here, 0, 0]);
    denied(libc::SYS_execveat, &[at_cwd, here, 0, 0, 0]);
    denied(libc::SYS_clone3, &[]);
    denied(libc::SYS_clone, &[libc::SIGCHLD as u64]);
    denied(
        libc::SYS_clone,
        &[(libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND) as u64],
    );

    // Bring code of its own.
    let (read, write, exec) = (
        libc::PROT_READ as u64,
        libc::PROT_WRITE as u64,
        libc::PROT_EXEC as u64,
    );
    let anonymous = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64;
    let page = call(
        libc::SYS_mmap,
        &[0, 4096, read | write, anonymous, u64::MAX, 0],
    )
    .unwrap();
    for protection in [exec, read | exec, read | write | exec] {
        denied(
            libc::SYS_mmap,
            &[0, 4096, protection, anonymous, u64::MAX, 0],
        );
        denied(libc::SYS_mprotect, &[page, 4096, protection]);
        denied(libc::SYS_pkey_mprotect, &[page, 4096, protection, u64::MAX]);
    }
    denied(libc::SYS_memfd_create, &[here, 0]);
    denied(libc::SYS_shmat, &[0, 0, 0]);
    denied(libc::SYS_remap_file_pages, &[page, 4096, 0, 0, 0]);

    // Trace, signal or read other processes, load modules, mount, use bpf, keys or io_uring.
    let parent = std::process::id().into();
    denied(libc::SYS_ptrace, &[libc::PTRACE_ATTACH as u64, parent]);
    denied(libc::SYS_kill, &[parent, 0]);
    denied(libc::SYS_tgkill, &[own, own, 0]);
    denied(libc::SYS_rt_sigqueueinfo, &[parent, 0, here]);
    denied(libc::SYS_process_vm_readv, &[parent]);
    denied(libc::SYS_process_vm_writev, &[parent]);
    denied(libc::SYS_pidfd_open, &[parent, 0]);
    denied(libc::SYS_pidfd_getfd, &[tcp, 0, 0]);
    for number in [
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_mount,
        libc::SYS_fsopen,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_io_uring_setup,
        libc::SYS_userfaultfd,
    ] {
        denied(number, &[]);
    }

    // Read a file outside of the token's folder.
    for path in ["/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/"] {
        epicac.put_text(path);
        if has_files {
            let error = Errno::EACCES;
            refused(path, error, libc::SYS_openat, &[at_cwd, here, 0]);
        }
        denied(libc::SYS_openat2, &[at_cwd, here]);
    }

    // Write, create, rename or delete a file, or list a folder.
    epicac.put_text(token);
    for flags in [
        libc::O_WRONLY,
        libc::O_RDWR,
        libc::O_TRUNC,
        libc::O_APPEND | libc::O_WRONLY,
        libc::O_CREAT,
        libc::O_TMPFILE | libc::O_RDWR,
    ] {
        denied(libc::SYS_openat, &[at_cwd, here, flags as u64, 0o600]);
    }
    denied(libc::SYS_renameat2, &[at_cwd, here, at_cwd, here, 0]);
    denied(libc::SYS_unlinkat, &[at_cwd, here, 0]);
    denied(libc::SYS_linkat, &[at_cwd, here, at_cwd, here, 0]);
    denied(libc::SYS_symlinkat, &[here, at_cwd, here]);
    denied(libc::SYS_mkdirat, &[at_cwd, here, 0o700]);
    denied(libc::SYS_truncate, &[here, 0]);
    denied(libc::SYS_fchmodat, &[at_cwd, here, 0o600]);
    denied(libc::SYS_getdents64, &[opened.unwrap(), page, 4096]);
    denied(libc::SYS_ioctl, &[0, 0, 0]);
    assert_eq!(fs::read(&inherited).unwrap(), b"");

    // Connect to another port, listen, or use another socket than one of TCP.
    epicac.put_address(other);
    if has_tcp {
        refused("port", Errno::EACCES, libc::SYS_connect, &[tcp, here, 16]);
    }
    denied(libc::SYS_bind, &[tcp, here, 16]);
    denied(libc::SYS_listen, &[tcp, 1]);
    denied(libc::SYS_accept4, &[tcp, 0, 0, 0]);
    denied(
        libc::SYS_setsockopt,
        &[tcp, libc::IPPROTO_TCP as u64, 31, here, 4],
    );
    let fast_open = libc::MSG_FASTOPEN as u64;
    denied(libc::SYS_sendto, &[tcp, page, 1, fast_open, here, 16]);
    denied(libc::SYS_sendmsg, &[tcp, page, fast_open]);
    let other_families = [
        libc::AF_UNIX,
        libc::AF_NETLINK,
        libc::AF_PACKET,
        libc::AF_VSOCK,
        libc::AF_ALG,
        // AF_SMC, which libc does not name.
        43,
    ];
    for family in other_families {
        denied(libc::SYS_socket, &[family as u64, stream, 0]);
    }
    for family in [inet, libc::AF_INET6 as u64] {
        for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_SEQPACKET] {
            denied(libc::SYS_socket, &[family, kind as u64, 0]);
        }
        // Multipath TCP, SCTP, SMC over either, and what does not exist.
        for protocol in [
            libc::IPPROTO_MPTCP as u64,
            132,
            256,
            257,
            1,
            6 + 256,
            u64::MAX,
        ] {
            denied(libc::SYS_socket, &[family, stream, protocol]);
        }
    }
    denied(
        libc::SYS_socketpair,
        &[libc::AF_UNIX as u64, stream, 0, page],
    );

    // Gain privileges, or leave a core dump.
    denied(libc::SYS_setuid, &[0]);
    denied(libc::SYS_setresuid, &[0, 0, 0]);
    denied(libc::SYS_setgroups, &[0, 0]);
    denied(libc::SYS_capset, &[page, page]);
    denied(libc::SYS_personality, &[0]);
    denied(libc::SYS_prctl, &[libc::PR_SET_DUMPABLE as u64, 1]);
    denied(libc::SYS_prlimit64, &[0, 4, page, 0]);
    denied(libc::SYS_seccomp, &[1, 0, page]);

    #[cfg(target_arch = "x86_64")]
    {
        // Calls that newer processors never had.
        if has_files {
            epicac.put_text("/etc/passwd");
            refused("open", Errno::EACCES, libc::SYS_open, &[here, 0]);
        }
        let created = (libc::O_CREAT | libc::O_WRONLY) as u64;
        denied(libc::SYS_open, &[here, created, 0o600]);
        for number in [libc::SYS_fork, libc::SYS_vfork] {
            denied(number, &[]);
        }
        for number in [
            libc::SYS_creat,
            libc::SYS_rename,
            libc::SYS_unlink,
            libc::SYS_link,
            libc::SYS_symlink,
            libc::SYS_mkdir,
            libc::SYS_chmod,
        ] {
            denied(number, &[here, here]);
        }
        // Nor by the numbers of another architecture: those of x32.
        denied(libc::SYS_getpid | 0x4000_0000, &[]);
    }
}

/// A descriptor of this file that each program has which is started from now on. It has a higher number than any of
/// epicac's own.
fn left_open(file: &File) -> OwnedFd {
    let copy = rustix::io::fcntl_dupfd_cloexec(file, 200).unwrap();
    rustix::io::fcntl_setfd(&copy, rustix::io::FdFlags::empty()).unwrap();
    copy
}
