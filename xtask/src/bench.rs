//! `cargo xtask bench`: what a cold start costs, beside the programs that could do the same.

mod peers;
mod report;

use std::fs;
use std::path::{Path, PathBuf};

use crate::agent::Agent;
use crate::architecture::Architecture;
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

/// Measures, prints the table, and writes it to `docs/performance.md`.
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

    let report = report::Report {
        rows: report::rows(&peers, &measured)?,
        skipped,
        sizes: sizes(&built)?,
        about: report::about(workspace, &built, runs),
    };
    print!("\n{}", report.terminal());
    let file = workspace.root.join("docs/performance.md");
    let why = |error| format!("cannot write {}: {error}", file.display());
    fs::create_dir_all(workspace.root.join("docs")).map_err(why)?;
    fs::write(&file, report.markdown()).map_err(why)?;
    println!("\nwritten to {}", file.display());
    Ok(())
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

fn sizes(built: &Built) -> Result<Vec<(String, u64)>> {
    let mut files = vec![
        ("epicac, dynamic".to_owned(), &built.host),
        (
            format!("epicac, static ({})", Architecture::own()?.target),
            &built.static_host,
        ),
        ("epicac.wasm".to_owned(), &built.wasm),
    ];
    if built.wasmtime.is_some() {
        files.push((
            "epicac.cwasm, as the wasmtime CLI compiles it".to_owned(),
            &built.cwasm,
        ));
    }
    files
        .into_iter()
        .map(|(name, file)| Ok((name, product::size(file)?)))
        .collect()
}
