//! `cargo xtask bench`: what a cold start costs, beside the programs that could do the same.

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
use crate::architecture::{ARCHITECTURES, Architecture};
use crate::harness;
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use crate::{Result, process, product};
use report::{Report, Row};

/// How often each program is run, when the caller does not say.
pub const DEFAULT_RUNS: u32 = 300;
/// Runs before those that count: caches of files are filled.
const WARM_UP: u32 = 3;
/// The runs whose page faults and peak memory are counted, of which the median is taken.
const COUNTED_RUNS: u32 = 11;

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
pub fn run(workspace: &Workspace, runs: u32) -> Result<()> {
    setup::run(workspace, &[Part::Targets, Part::Packages])?;
    let host = product::host(workspace)?;
    let static_host = product::static_host(workspace, Architecture::own()?)?;
    let wasm = product::component(workspace)?;
    let agent = product::agent(workspace)?;
    let (native, nothing) = native(workspace)?;

    let place = Place::new()?;
    let agent = Agent::start(&agent, &place.folder)?;
    let mut peers = Vec::new();
    for (name, file, from) in [
        (NOTHING, "nothing", &nothing),
        (NATIVE, "native", &native),
        (EPICAC, "epicac", &static_host),
        (COPY, "epicac-again", &static_host),
        ("epicac, dynamic (glibc)", "epicac-dynamic", &host),
    ] {
        let file = place.folder.join(file);
        product::copy(from, &file)?;
        let command = place.command(&agent, &file);
        peers.push(Peer { name, command });
    }
    for tool in TOOLS {
        let from = process::find(tool).ok_or_else(|| format!("{tool} is not installed"))?;
        product::copy(&from, &place.folder.join(tool))?;
    }
    let mut one_liner = place.command(&agent, &place.folder.join("sh"));
    one_liner.args(["-c", ONE_LINER]);
    peers.push(Peer {
        name: "`curl \\| jq` in a shell",
        command: one_liner,
    });

    println!("\n  {} programs, {runs} rounds", peers.len());
    in_turn(&mut peers, WARM_UP)?;
    let times = in_turn(&mut peers, runs)?;
    let mut rows = Vec::new();
    for (peer, times) in peers.iter_mut().zip(times) {
        rows.push(row(peer, times, &place.folder)?);
    }
    let report = Report {
        rows,
        sizes: sizes(workspace, &host, &native, &wasm)?,
        about: report::about(&place.kind, runs),
    };
    print!("\n{}", report.table()?);
    write(workspace, "performance.svg", &report.svg()?)?;
    write(workspace, "performance.md", &report.markdown()?)
}

/// Runs every program once a round, and begins each round with another one; gives the times of each.
fn in_turn(peers: &mut [Peer], rounds: u32) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        for (peer, times) in peers.iter_mut().zip(&mut times) {
            let run = harness::run(&mut peer.command)?;
            if (peer.name == NOTHING) != (run.bytes < 100) {
                return Err(format!("{} printed {} bytes", peer.name, run.bytes));
            }
            times.push(run.microseconds);
        }
        peers.rotate_left(1);
        times.rotate_left(1);
    }
    // As they were before the first round.
    let turned = rounds as usize % peers.len();
    peers.rotate_right(turned);
    times.rotate_right(turned);
    Ok(times)
}

/// What a program's runs say, with what only a few more runs are needed for.
fn row(peer: &mut Peer, times: Vec<f64>, folder: &Path) -> Result<Row> {
    let median = |mut counts: Vec<u64>| {
        counts.sort_unstable();
        harness::at(&counts, 50)
    };
    let faults: Result<Vec<u64>> = (0..COUNTED_RUNS)
        .map(|_| harness::page_faults(&mut peer.command))
        .collect();
    let peaks: Result<Vec<u64>> = (0..COUNTED_RUNS)
        .map(|_| peak_kib(&peer.command, &folder.join("peak")))
        .collect();
    let is_compared = [NATIVE, EPICAC].contains(&peer.name);
    let instructions =
        is_compared.then(|| harness::instructions(&peer.command, &folder.join("callgrind.out")));
    Ok(Row {
        name: peer.name,
        times: harness::sorted(times.into_iter()),
        faults: median(faults?)?,
        peak_kib: median(peaks?)?,
        instructions: instructions.transpose()?,
    })
}

/// The peak memory of a command, by GNU time: it is small, and Linux counts what a process had before its `exec`, too.
fn peak_kib(command: &Command, file: &Path) -> Result<u64> {
    let mut time = harness::within("time", command);
    time.args(["--format", "%M", "--output"]).arg(file);
    harness::run(time.arg(command.get_program()).args(command.get_args()))?;
    let said = fs::read_to_string(file).map_err(|error| format!("GNU time: {error}"))?;
    said.trim()
        .parse()
        .map_err(|_| format!("GNU time says `{said}`"))
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
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("xtask: {} stays behind: {error}", self.folder.display());
        }
    }
}

/// Whether a tmpfs is mounted there, by /proc/mounts, whose programs may be run.
fn may_run(mounts: &str, folder: &str) -> bool {
    // The last mount covers those before it.
    let mount = mounts
        .lines()
        .rfind(|line| line.split(' ').nth(1) == Some(folder));
    mount.is_some_and(|line| {
        let mut fields = line.split(' ').skip(2);
        let (kind, options) = (fields.next(), fields.next().unwrap_or_default());
        kind == Some("tmpfs") && !options.split(',').any(|option| option == "noexec")
    })
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

/// The sizes of what is shipped, and of the native helper.
fn sizes(
    workspace: &Workspace,
    host: &Path,
    native: &Path,
    wasm: &Path,
) -> Result<Vec<(String, u64)>> {
    let digest = product::sha256(wasm)?;
    let mut sizes = Vec::new();
    for architecture in &ARCHITECTURES {
        // That of another processor counts if `cargo xtask dist` has built it, with this component in it.
        let host = product::static_host_path(workspace, architecture);
        if host.is_file() && product::names_digest(&host, &digest)? {
            let name = format!("epicac, static, {}", architecture.name);
            sizes.push((name, product::size(&host)?));
        }
    }
    for (name, file) in [
        ("epicac, dynamic", host),
        ("epicac.wasm", wasm),
        ("the native helper, dynamic", native),
    ] {
        sizes.push((name.to_owned(), product::size(file)?));
    }
    Ok(sizes)
}

/// Writes a file in docs/.
fn write(workspace: &Workspace, name: &str, text: &str) -> Result<()> {
    let file = workspace.root.join("docs").join(name);
    fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    println!("\nwritten to {}", file.display());
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

    #[test]
    fn the_times_stay_with_their_program() {
        let peer = |name, seconds: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("sleep {seconds}; printf %0200d 0")]);
            Peer { name, command }
        };
        let mut peers = [peer("slow", "0.2"), peer("fast", "0"), peer("also", "0")];
        let times = in_turn(&mut peers, 2).unwrap();
        assert_eq!(peers[0].name, "slow");
        assert!(times[0].iter().all(|time| *time > 200_000.0), "{times:?}");
        assert_eq!(times[2].len(), 2);
    }
}
