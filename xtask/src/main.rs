//! The project's chores: `cargo xtask VERB`. One file a verb; each does its own set-up, so that every
//! verb works on a fresh machine with rustup and a C compiler.

mod agent;
mod architecture;
mod bench;
mod demo;
mod dist;
mod gate;
mod harness;
mod package;
mod process;
mod product;
mod reproducible;
mod sbom;
mod setup;
mod steps;
mod test;
mod workspace;

#[path = "../../host/build/component.rs"]
mod component;

use std::env;
use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask VERB

  demo  [--keep]     the whole flow on this machine, step by step, with made-up credentials;
                     --keep leaves the stand-in agent up, to try an SDK of your own with
  test  [GROUP…]     every test, after all of its set-up; groups: unit behaviour flow sdks embedding
                     reproducible gate adopt
  test  quick        the tests of the core, of the host's library, and of the behaviour
  gate               what a cold run costs and does, held against xtask/gate.json;
                     --bless measures and writes it, --why shows what the figures are made of
  dist               the files of a release, in dist/
  package            the crates as they are published, with the component inside, in target/package/
  bench [--runs N]   what a cold start costs beside its peers; writes docs/performance.md;
        --scale      many runs at once; writes docs/scale.md
  setup [PART…]      only the set-up; parts: targets packages venv wasmtime sdks guest wac judge
                     cluster deny sbom
";

/// Why a chore could not be done: one line for people.
type Result<T, E = String> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match Workspace::locate().and_then(|workspace| run(&workspace, &arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say; `false` when they name no chore.
fn run(workspace: &Workspace, arguments: &[&str]) -> Result<bool> {
    match arguments {
        ["help" | "--help" | "-h"] => print!("{USAGE}"),
        ["demo"] => demo::run(workspace, false)?,
        ["demo", "--keep"] => demo::run(workspace, true)?,
        ["dist"] => dist::run(workspace)?,
        ["package"] => package::run(workspace)?,
        ["gate"] => gate::run(workspace, gate::Mode::Check)?,
        ["gate", "--bless"] => gate::run(workspace, gate::Mode::Bless)?,
        ["gate", "--why"] => gate::run(workspace, gate::Mode::Why)?,
        ["bench"] => bench::run(workspace, bench::DEFAULT_RUNS)?,
        ["bench", "--scale"] => bench::run_scale(workspace)?,
        ["bench", "--runs", runs] => match runs.parse() {
            Ok(runs) if runs > 0 => bench::run(workspace, runs)?,
            _ => return Err(format!("--runs wants a number above 0, not `{runs}`")),
        },
        ["test", "quick"] => test::run(workspace, &[test::Group::Quick])?,
        ["test", groups @ ..] => {
            test::run(workspace, &named(groups, &test::Group::ALL, "group")?)?;
        }
        ["setup", parts @ ..] => {
            setup::run(workspace, &named(parts, &setup::Part::ALL, "part")?)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The values with these names, or all of them when no name is given.
fn named<T: Copy>(names: &[&str], all: &[(&str, T)], what: &str) -> Result<Vec<T>> {
    if names.is_empty() {
        return Ok(all.iter().map(|(_, value)| *value).collect());
    }
    names
        .iter()
        .map(|name| match all.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(*value),
            None => {
                let known: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
                Err(format!(
                    "no {what} is called `{name}`: there are {}",
                    known.join(", ")
                ))
            }
        })
        .collect()
}
