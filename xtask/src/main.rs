//! The project's chores: `cargo xtask VERB`. Each verb has a file, and does its own set-up: it works on a fresh machine
//! with rustup and a C compiler.

mod agent;
mod architecture;
mod bench;
mod demo;
mod dist;
mod file;
mod fuzz;
mod gate;
mod harness;
mod mutants;
mod oci;
mod package;
mod packages;
mod process;
mod product;
mod reproducible;
mod sbom;
mod setup;
mod stat;
mod steps;
mod test;
mod workspace;

#[path = "../../host/build/component.rs"]
mod component;

use std::env;
use std::process::ExitCode;

use test::Suite;
use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask VERB

  demo  [--keep]     the whole flow on this machine, step by step, with made-up credentials;
                     --keep leaves the stand-in agent up, to try an SDK of your own with
  test  [GROUP…]     the product by itself, with what that needs; groups: unit guests behaviour flow
                     reproducible gate
  test  quick        the tests of the core, of the host's library, and of the behaviour
  test  real [GROUP…]
                     the product with other people's software; groups: sdks embedding containers
                     cluster processors kernels packages bills documents
  gate  [--bless]    what a cold run costs and does, held against xtask/gate.json;
                     --bless measures and writes it
  dist               the files of a release, in dist/
  package            the crates as they are published, with the component inside, in target/package/
  mutants [OPTION…]  changes the product one place at a time, and tells which changes no test notices; the
                     options are those of cargo-mutants: --in-diff FILE, --shard K/N, --re FILE …
  fuzz               a million inputs for each model of a rule that guards secrets, and the fuzzer
  bench              what a cold start costs beside its peers; writes docs/performance.md
  bench --scale      many runs at once; writes docs/scale.md
  setup [PART…]      only the set-up; all parts, or some: packages (programs of the system) targets
                     processors venv sdks cluster kernels nfpm wasmtime wac guest sbom deny network gate …
";

/// Why a chore could not be done: one line for people.
type Result<T, E = String> = std::result::Result<T, E>;

fn main() -> ExitCode {
    // Before anything is compiled for minutes.
    if cfg!(not(target_os = "linux")) {
        eprintln!(
            "xtask: the chores need Linux: run them there, or in a container or a virtual machine of it"
        );
        return ExitCode::FAILURE;
    }
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
        ["package"] => drop(package::run(workspace)?),
        ["gate"] => gate::run(workspace)?,
        ["gate", "--bless"] => gate::bless(workspace)?,
        ["mutants", options @ ..] => mutants::run(workspace, options)?,
        ["fuzz"] => fuzz::run(workspace)?,
        ["bench"] => bench::run(workspace)?,
        ["bench", "--scale"] => bench::run_scale(workspace)?,
        ["test", "real", groups @ ..] => run_tests(workspace, Suite::Real, groups)?,
        ["test", groups @ ..] => run_tests(workspace, Suite::Product, groups)?,
        ["setup", parts @ ..] => setup::chore(workspace, &chosen(parts, &setup::parts())?)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn run_tests(workspace: &Workspace, suite: Suite, groups: &[&str]) -> Result<()> {
    test::run(workspace, suite, &chosen(groups, &suite.groups())?)
}

/// The names, which have to be among the known ones; or all of these when no name is given.
fn chosen<'a>(names: &[&'a str], known: &[&'a str]) -> Result<Vec<&'a str>> {
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("`{name}` is none of {}", known.join(", ")));
    }
    Ok(if names.is_empty() { known } else { names }.to_vec())
}
