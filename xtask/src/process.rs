//! Running other programs.

use std::cell::Cell;
use std::env;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::{Result, stat};

thread_local! {
    /// The processor time of the programs that this thread has waited for.
    static USED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The processor time, of user and system, of all programs that this thread has waited for.
pub fn processor_time() -> Duration {
    USED.get()
}

/// Waits for a program, and counts the processor time that it and its own programs took.
pub fn wait(child: &mut Child) -> Result<ExitStatus> {
    let id = child.id();
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It has ended and is not reaped yet, so the kernel still tells its times.
        let _ = waitid(WaitId::Pid(pid), ended);
        USED.set(USED.get() + stat::processor_time(id).unwrap_or_default());
    }
    let status = child.wait();
    status.map_err(|error| format!("cannot wait for the process {id}: {error}"))
}

/// A command with the environment that the user has, without what `cargo run` added for xtask.
///
/// Build scripts that watch one of those variables would run again whenever cargo is called by xtask
/// and by hand in turn, and `LD_LIBRARY_PATH` would slow every dynamic program that is measured.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove("LD_LIBRARY_PATH");
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Shows a command and runs it; it writes to the terminal itself.
pub fn run(command: &mut Command) -> Result<()> {
    println!("  $ {}", shown(command));
    let status = wait(&mut start(command)?)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed ({status})", shown(command)))
    }
}

/// Runs a command and gives what it wrote to stdout, without white space around it.
pub fn capture(command: &mut Command) -> Result<String> {
    let mut child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut output = Vec::new();
    let read = match child.stdout.take() {
        Some(mut stdout) => stdout.read_to_end(&mut output).map(drop),
        None => Ok(()),
    };
    let status = wait(&mut child)?;
    read.map_err(|error| format!("cannot read from {}: {error}", shown(command)))?;
    if !status.success() {
        return Err(format!("{} failed ({status})", shown(command)));
    }
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

/// Starts a command.
pub fn start(command: &mut Command) -> Result<Child> {
    let started = command.spawn();
    started.map_err(|error| format!("cannot start {}: {error}", shown(command)))
}

/// Where a tool lies on the `PATH`.
pub fn find(tool: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file())
}

/// The command line, as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    // Cargo names itself by the path of its toolchain, which nobody types.
    let program = match program.file_name() {
        Some(name) if name == "cargo" => name,
        _ => program.as_os_str(),
    };
    let words = [program].into_iter().chain(command.get_args());
    words
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word in the form in which a POSIX shell reads it as one word.
pub fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
