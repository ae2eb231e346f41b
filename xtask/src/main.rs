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
    let Some(chore) = Chore::parse(&arguments) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match chore.and_then(|chore| chore.run(&Workspace::locate()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// One call of xtask.
enum Chore {
    Help,
    Demo { keep: bool },
    Test(Vec<test::Group>),
    Dist,
    Package,
    Gate(gate::Mode),
    Bench { runs: u32 },
    BenchScale,
    Setup(Vec<setup::Part>),
}

impl Chore {
    /// Reads the arguments; `None` when they are no call of xtask, `Some(Err(…))` when one of them says
    /// what it wants but not in a way that can be done.
    fn parse(arguments: &[&str]) -> Option<Result<Self>> {
        let chore = match arguments {
            ["help" | "--help" | "-h"] => Self::Help,
            ["demo"] => Self::Demo { keep: false },
            ["demo", "--keep"] => Self::Demo { keep: true },
            ["dist"] => Self::Dist,
            ["package"] => Self::Package,
            ["gate"] => Self::Gate(gate::Mode::Check),
            ["gate", "--bless"] => Self::Gate(gate::Mode::Bless),
            ["gate", "--why"] => Self::Gate(gate::Mode::Why),
            ["bench"] => Self::Bench {
                runs: bench::DEFAULT_RUNS,
            },
            ["bench", "--scale"] => Self::BenchScale,
            ["bench", "--runs", runs] => match runs.parse() {
                Ok(runs) if runs > 0 => Self::Bench { runs },
                _ => return Some(Err(format!("--runs wants a number above 0, not `{runs}`"))),
            },
            ["test", "quick"] => Self::Test(vec![test::Group::Quick]),
            ["test", groups @ ..] => match named(groups, &test::Group::ALL, "group") {
                Ok(groups) => Self::Test(groups),
                Err(why) => return Some(Err(why)),
            },
            ["setup", parts @ ..] => match named(parts, &setup::Part::ALL, "part") {
                Ok(parts) => Self::Setup(parts),
                Err(why) => return Some(Err(why)),
            },
            _ => return None,
        };
        Some(Ok(chore))
    }

    fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Help => {
                print!("{USAGE}");
                Ok(())
            }
            Self::Demo { keep } => demo::run(workspace, keep),
            Self::Test(groups) => test::run(workspace, &groups),
            Self::Dist => dist::run(workspace),
            Self::Package => package::run(workspace),
            Self::Gate(mode) => gate::run(workspace, mode),
            Self::Bench { runs } => bench::run(workspace, runs),
            Self::BenchScale => bench::run_scale(workspace),
            Self::Setup(parts) => setup::run(workspace, &parts),
        }
    }
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
