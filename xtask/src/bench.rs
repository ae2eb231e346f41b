//! `cargo xtask bench`: compares the cost of a cold start with that of programs that do the same.

mod chart;
mod machine;
mod report;
mod scale;
mod serve;

pub use scale::run as run_scale;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::agent::Agent;
use crate::architecture::Architecture;
use crate::harness;
use crate::workspace::Workspace;
use crate::{Result, file, process, product, setup};
use report::{Report, Row};

/// How often each program is run.
const RUNS: usize = 300;
/// Runs before those that count: caches of files are filled.
const WARM_UP: usize = 3;
/// The runs whose peak memory is taken. The median is used.
const PEAK_RUNS: u32 = 11;

/// The line of shell that epicac replaces.
const ONE_LINER: &str = "curl -s -H \"Authorization: $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)\" \
     $AWS_CONTAINER_CREDENTIALS_FULL_URI | \
     jq '{Version:1, AccessKeyId, SecretAccessKey, SessionToken:.Token, Expiration}'";
/// The programs in that line.
const TOOLS: [&str; 4] = ["sh", "cat", "curl", "jq"];

/// Names in the table that other code looks for.
const NOTHING: &str = "a static program that does nothing";
const NATIVE: &str = "a native helper that checks nothing";
const EPICAC: &str = "**epicac**, static";
const COPY: &str = "**epicac**, static, a second copy";

/// A program that is measured, with its arguments and environment.
struct Peer {
    name: &'static str,
    command: Command,
}

/// Measures, prints the table, and writes it to `docs/performance.md`, and its picture beside it.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, &["targets", "bench"])?;
    let host = product::host(workspace)?;
    let static_host = product::static_host(workspace, Architecture::own()?)?;
    let wasm = product::component(workspace)?;
    let agent = product::agent(workspace, true)?;
    let (native, nothing) = native(workspace)?;

    let place = Place::new()?;
    let agent = Agent::start(&agent, &place.folder, &[])?;
    let mut peers = Vec::new();
    for (name, copy, from) in [
        (NOTHING, "nothing", &nothing),
        (NATIVE, "native", &native),
        (EPICAC, "epicac", &static_host),
        (COPY, "epicac-again", &static_host),
        ("epicac, dynamic (glibc)", "epicac-dynamic", &host),
    ] {
        let copy = place.folder.join(copy);
        file::copy(from, &copy)?;
        let command = place.command(&agent, &copy);
        peers.push(Peer { name, command });
    }
    for tool in TOOLS {
        let from = process::find(tool).ok_or_else(|| format!("{tool} is not installed"))?;
        file::copy(&from, &place.folder.join(tool))?;
    }
    let mut one_liner = place.command(&agent, &place.folder.join("sh"));
    one_liner.args(["-c", ONE_LINER]);
    peers.push(Peer {
        name: "`curl \\| jq` in a shell",
        command: one_liner,
    });

    println!("\n  {} programs, {RUNS} rounds", peers.len());
    in_turn(&mut peers, WARM_UP)?;
    let times = in_turn(&mut peers, RUNS)?;
    let mut rows = Vec::new();
    for (peer, times) in peers.iter().zip(times) {
        rows.push(Row {
            name: peer.name,
            times: harness::sorted(times.into_iter()),
            peak_kib: peak_kib(&peer.command, &place.folder.join("peak"))?,
        });
    }
    let mut sizes = Vec::new();
    for (name, built) in [
        ("epicac, static", &static_host),
        ("epicac, dynamic", &host),
        ("epicac.wasm", &wasm),
        ("the native helper, dynamic", &native),
    ] {
        sizes.push((name, file::size(built)?));
    }
    let report = Report {
        rows,
        sizes,
        about: report::about(&place.kind, RUNS),
    };
    print!("\n{}", report.table()?);
    write(workspace, "performance.svg", &report.svg()?)?;
    write(workspace, "performance.md", &report.markdown()?)
}

/// Runs every program once a round, and begins each round with another one; gives the times of each.
fn in_turn(peers: &mut [Peer], rounds: usize) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); peers.len()];
    for round in 0..rounds {
        let mut turns: Vec<_> = peers.iter_mut().zip(&mut times).collect();
        let first = round % turns.len();
        turns.rotate_left(first);
        for (peer, times) in turns {
            let run = harness::run(&mut peer.command)?;
            if (peer.name == NOTHING) != (run.bytes < 100) {
                return Err(format!("{} printed {} bytes", peer.name, run.bytes));
            }
            times.push(run.microseconds);
        }
    }
    Ok(times)
}

/// The median of a command's peak memory, by GNU time: it is small, and Linux counts what a process had before its
/// `exec`, too.
fn peak_kib(command: &Command, kept: &Path) -> Result<u64> {
    let mut peaks = Vec::new();
    for _ in 0..PEAK_RUNS {
        let mut time = harness::within("time", command);
        time.args(["--format", "%M", "--output"]).arg(kept);
        harness::run(time.arg(command.get_program()).args(command.get_args()))?;
        let said = file::read(kept)?;
        let peak = said.trim().parse();
        peaks.push(peak.map_err(|_| format!("GNU time says `{said}`"))?);
    }
    peaks.sort_unstable();
    harness::at(&peaks, 50)
}

/// A folder in memory, where no file is held by the page cache in another way than the next one.
struct Place {
    folder: PathBuf,
    /// The kind of its file system.
    kind: String,
}

impl Place {
    fn new() -> Result<Self> {
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        let in_memory = ["/dev/shm", "/run", "/tmp"]
            .into_iter()
            .find(|folder| may_run(&mounts, folder))
            .ok_or("no tmpfs is mounted that programs may be run from (mount one on /tmp)")?;
        let folder = Path::new(in_memory).join(format!("epicac-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        Ok(Self {
            folder,
            kind: format!("tmpfs ({in_memory})"),
        })
    }

    /// A program in the environment of a pod; it finds other programs in this folder only.
    fn command(&self, agent: &Agent, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &self.folder)
            .envs(agent.environment());
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(why) = file::remove(&self.folder) {
            eprintln!("xtask: {why}");
        }
    }
}

/// Whether a tmpfs is mounted there, by /proc/mounts, whose programs may be run. The last mount covers those before it.
fn may_run(mounts: &str, folder: &str) -> bool {
    let at_folder = format!(" {folder} ");
    let mount = mounts.lines().rfind(|line| line.contains(&at_folder));
    mount.is_some_and(|line| line.contains(" tmpfs ") && !line.contains("noexec"))
}

/// The native helper, dynamic as people build it, and the static program that does nothing.
fn native(workspace: &Workspace) -> Result<(PathBuf, PathBuf)> {
    let target = workspace.target.join("native");
    let own = Architecture::own()?.target;
    for options in [&["native"][..], &["nothing", "--target", own]] {
        let mut cargo = workspace.cargo(["build", "--locked", "--release", "--manifest-path"]);
        cargo.arg(workspace.root.join("tests/native/Cargo.toml"));
        cargo.arg("--target-dir").arg(&target).arg("--bin");
        process::run(cargo.args(options))?;
    }
    Ok((
        target.join("release/native"),
        target.join(own).join("release/nothing"),
    ))
}

/// Writes a file in docs/.
fn write(workspace: &Workspace, name: &str, text: &str) -> Result<()> {
    file::write(&workspace.root.join("docs").join(name), text)?;
    println!("\nwritten: docs/{name}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_run_from_a_tmpfs_that_allows_it() {
        let mounts = "tmpfs /dev/shm tmpfs rw,nosuid,noexec 0 0\ntmpfs /run tmpfs rw,nosuid 0 0\n\
             tmpfs /tmp tmpfs rw 0 0\n/dev/vda /tmp ext4 rw 0 0\n";
        let allowed = ["/dev/shm", "/run", "/tmp", "/var"].map(|folder| may_run(mounts, folder));
        assert_eq!(allowed, [false, true, false, false]);
    }
}
