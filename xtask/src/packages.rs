//! The packages of a release (.deb, .rpm, .apk), by nfpm, as packaging/nfpm.yaml says.

use std::env;
use std::path::{Path, PathBuf};

use crate::architecture::Architecture;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, file, process, product, setup};

/// The version of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const KINDS: [&str; 3] = ["deb", "rpm", "apk"];

/// A static program, and the processor that it is for.
type Host = (&'static Architecture, PathBuf);

/// Makes the packages of these programs in `target/packages`, and gives the files with their names. On somebody's own
/// machine without Go there are none; in CI that is a failure.
pub fn make(
    workspace: &Workspace,
    hosts: &[Host],
    manual: &Path,
) -> Result<Vec<(String, PathBuf)>> {
    setup::run(workspace, &["nfpm"])?;
    if !nfpm(workspace).is_file() && !in_ci() {
        println!("  missing: nfpm, which makes the packages, and which Go builds");
        return Ok(Vec::new());
    }
    let folder = workspace.target.join("packages");
    make_in(&folder, workspace, hosts, manual)?;
    let named = file::names(&folder)?.into_iter().map(|name| {
        let path = folder.join(&name);
        (name, path)
    });
    Ok(named.collect())
}

/// Makes them twice and compares them: their digests are signed, and a release that is built anew has to have them again.
pub fn check(workspace: &Workspace) -> Result<()> {
    let hosts = product::static_hosts(workspace)?;
    let manual = product::manual(workspace)?;
    let first = make(workspace, &hosts, &manual)?;
    // The second time by another folder's files, which are newer and only their owner's.
    let other = workspace.target.join("packages-again");
    let again = other.join("sources");
    file::remove(&other)?;
    file::make_folder(&other)?;
    process::run(process::command("cp").arg("-r").arg(&manual).arg(&again))?;
    process::run(process::command("chmod").args(["-R", "go="]).arg(&again))?;
    make_in(&other.join("made"), workspace, &hosts, &again)?;
    for (name, path) in first {
        process::run(
            process::command("cmp")
                .arg(path)
                .arg(other.join("made").join(name)),
        )?;
    }
    file::remove(&other)
}

fn make_in(folder: &Path, workspace: &Workspace, hosts: &[Host], manual: &Path) -> Result<()> {
    file::remove(folder)?;
    file::make_folder(folder)?;
    for (architecture, program) in hosts {
        for kind in KINDS {
            let mut nfpm = process::command(nfpm(workspace));
            nfpm.current_dir(&workspace.root)
                .args([
                    "package",
                    "--config",
                    "packaging/nfpm.yaml",
                    "--packager",
                    kind,
                ])
                .arg("--target")
                .arg(folder)
                .env("ARCH", architecture.of_images)
                .env("VERSION", VERSION)
                .env("PROGRAM", program)
                .env("MANUAL", manual)
                .env("SOURCE_DATE_EPOCH", epoch(workspace));
            process::run(&mut nfpm)?;
        }
    }
    Ok(())
}

fn nfpm(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("bin/nfpm")
}

/// The time that the packages name as theirs: the one that was asked for, or that of the commit. Sources without Git have
/// that of the epoch.
fn epoch(workspace: &Workspace) -> String {
    if let Ok(seconds) = env::var("SOURCE_DATE_EPOCH") {
        return seconds;
    }
    let mut git = process::command("git");
    git.current_dir(&workspace.root);
    git.args(["log", "-1", "--format=%ct"]);
    process::capture(&mut git).unwrap_or_else(|_| "0".to_owned())
}
