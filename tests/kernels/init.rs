//! The first process of a machine of these tests: it mounts what Linux expects, brings up the loopback interface, prints
//! what `epicac policy --explain` says of the wall, runs the tests that the command line of the kernel names, and ends the
//! machine. The console is its output.

use std::ffi::OsString;
use std::process::Command;
use std::{env, fs, io};

use rustix::mount::{MountFlags, mount};
use rustix::net::{AddressFamily, SendFlags, SocketType, send, socket};
use rustix::system::{RebootCommand, reboot};

fn main() {
    let outcome = run();
    println!("\ninit: {outcome:?}");
    // Without an end, the machine would be waited for.
    if let Err(why) = reboot(RebootCommand::PowerOff) {
        println!("init: the machine cannot be ended: {why}");
    }
}

fn run() -> io::Result<()> {
    for (kind, folder) in [("proc", "/proc"), ("devtmpfs", "/dev"), ("tmpfs", "/tmp")] {
        fs::create_dir_all(folder)?;
        mount(kind, folder, kind, MountFlags::empty(), None)?;
    }
    bring_up_loopback()?;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    println!("kernel {}, {}", release.trim(), env::consts::ARCH);
    println!("page size {}", rustix::param::page_size());

    let explained = Command::new("/epicac")
        .args(["policy", "--explain"])
        .output()?;
    print!("{}", String::from_utf8_lossy(&explained.stdout));
    let tests: Vec<OsString> = env::args_os().skip(1).collect();
    let status = Command::new("/behaviour")
        .args(tests)
        .env("EPICAC", "/epicac")
        .status()?;
    println!("tests: {status}");
    Ok(())
}

/// Sends the kernel what `ip link set lo up` sends; it then gives the interface its addresses by itself.
fn bring_up_loopback() -> io::Result<()> {
    const NEW_LINK: u16 = 16;
    const REQUEST: u16 = 1;
    const IS_UP: u32 = 1;
    let mut message = Vec::new();
    // struct nlmsghdr: length, type, flags, sequence, sender.
    message.extend_from_slice(&32_u32.to_ne_bytes());
    message.extend_from_slice(&NEW_LINK.to_ne_bytes());
    message.extend_from_slice(&REQUEST.to_ne_bytes());
    message.extend_from_slice(&[0; 8]);
    // struct ifinfomsg: family and type, the index (the loopback interface is the first one), flags, which of them to set.
    message.extend_from_slice(&[0; 4]);
    for word in [1, IS_UP, IS_UP] {
        message.extend_from_slice(&u32::to_ne_bytes(word));
    }
    let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    send(&netlink, &message, SendFlags::empty())?;
    Ok(())
}
