//! `cargo xtask bench`: what a cold start costs, beside the programs that could do the same.

mod chart;
mod machine;
mod peers;
mod report;
mod scale;

pub use scale::run as run_scale;

use std::fs;
use std::path::{Path, PathBuf};

use crate::agent::Agent;
use crate::architecture::{ARCHITECTURES, Architecture};
use crate::harness::{self, Run};
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use crate::{Result, process, product};
use peers::Peer;

/// How often each program is run, when the caller does not say.
pub const DEFAULT_RUNS: u32 = 200;
/// Runs before those that count: caches of files and of compiled code are filled.
const WARM_UP: u32 = 3;

/// What the peers are made of.
struct Built {
    host: PathBuf,
    static_host: PathBuf,
    wasm: PathBuf,
    /// `None` where there is no wasmtime CLI.
    wasmtime: Option<PathBuf>,
    cwasm: PathBuf,
    nothing: PathBuf,
    floor: PathBuf,
}

/// Measures, prints the table, and writes it to `docs/performance.md`, and its picture beside it.
pub fn run(workspace: &Workspace, runs: u32) -> Result<()> {
    setup::run(
        workspace,
        &[Part::Targets, Part::Packages, Part::Venv, Part::Wasmtime],
    )?;
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;

    let measure = harness::compiled(workspace, "measure", &folder)?;
    let built = Built {
        host: product::host(workspace)?,
        static_host: product::static_host(workspace, Architecture::own()?)?,
        wasm: product::component(workspace)?,
        wasmtime: setup::wasmtime(workspace),
        cwasm: folder.join("epicac.cwasm"),
        nothing: harness::compiled(workspace, "nothing", &folder)?,
        floor: harness::compiled(workspace, "floor", &folder)?,
    };
    if let Some(wasmtime) = &built.wasmtime {
        let mut compile = process::command(wasmtime);
        process::run(
            compile
                .arg("compile")
                .arg("-o")
                .arg(&built.cwasm)
                .arg(&built.wasm),
        )?;
    }
    let agent = Agent::start(&product::agent(workspace)?, &folder)?;

    let (peers, skipped) = peers::peers(workspace, &built, &folder);
    for (name, why) in &skipped {
        println!("  skipped: {name}: {why}");
    }
    println!(
        "\n  {} programs, {WARM_UP} rounds to warm up, then {runs} rounds",
        peers.len()
    );
    measured(&measure, WARM_UP, &peers, &agent)?;
    let measured = measured(&measure, runs, &peers, &agent)?;

    let counts = counted(&peers, &agent, &folder)?;

    let report = report::Report {
        rows: report::rows(&peers, &measured, &counts)?,
        skipped,
        sizes: sizes(workspace, &built)?,
        about: report::about(workspace, &built, runs),
    };
    print!("\n{}", report.terminal());
    write(workspace, "performance.svg", &report.svg())?;
    write(workspace, "performance.md", &report.markdown())
}

/// Writes a file in docs/.
fn write(workspace: &Workspace, name: &str, text: &str) -> Result<()> {
    let file = workspace.root.join("docs").join(name);
    fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    println!("\nwritten to {}", file.display());
    Ok(())
}

/// The instructions of the peers whose instructions are counted; none where there is no valgrind.
fn counted(peers: &[Peer], agent: &Agent, folder: &Path) -> Result<Vec<Option<u64>>> {
    let Some(valgrind) = process::find("valgrind") else {
        println!("  skipped: instructions: valgrind is not installed");
        return Ok(vec![None; peers.len()]);
    };
    let count = |peer: &Peer| {
        let mut command = process::command(&valgrind);
        command.envs(agent.environment());
        harness::instructions(command, &peer.command, &folder.join("callgrind.out"))
    };
    let counts = peers.iter().map(|peer| peer.counted.then(|| count(peer)));
    counts.map(Option::transpose).collect()
}

/// Runs every peer once a round, in turn.
fn measured(measure: &Path, rounds: u32, peers: &[Peer], agent: &Agent) -> Result<Vec<Run>> {
    let mut command = process::command(measure);
    command.arg(rounds.to_string());
    for peer in peers {
        command.arg("--").args(&peer.command);
    }
    let output = process::capture(command.envs(agent.environment()))?;
    Run::all(&output)
}

/// The sizes of what is shipped.
fn sizes(workspace: &Workspace, built: &Built) -> Result<Vec<(String, u64)>> {
    let digest = product::sha256(&built.wasm)?;
    let mut sizes = Vec::new();
    for architecture in &ARCHITECTURES {
        // That of another processor counts if `cargo xtask dist` has built it, with this component in it.
        let host = product::static_host_path(workspace, architecture);
        if host.is_file() && product::names_digest(&host, &digest)? {
            let name = format!("epicac, static, {}", architecture.name);
            sizes.push((name, product::size(&host)?));
        }
    }
    sizes.push(("epicac, dynamic".to_owned(), product::size(&built.host)?));
    sizes.push(("epicac.wasm".to_owned(), product::size(&built.wasm)?));
    sizes.push((
        "epicac.wasm, compiled, as a section of the static binary".to_owned(),
        section_size(&built.static_host, ".epicac.component")?,
    ));
    Ok(sizes)
}

/// The size of a section of a binary, by binutils.
fn section_size(binary: &Path, section: &str) -> Result<u64> {
    let mut readelf = process::command("readelf");
    let sections = process::capture(readelf.args(["--section-headers", "--wide"]).arg(binary))?;
    // `[10] .epicac.component PROGBITS 000000000018b000 18b000 03d000 00 AX 0 0 4096`
    sections
        .lines()
        .find_map(|line| line.split_once(section))
        .and_then(|(_, rest)| rest.split_whitespace().nth(3))
        .and_then(|size| u64::from_str_radix(size, 16).ok())
        .ok_or_else(|| format!("{} has no section {section}", binary.display()))
}
