//! `cargo xtask dist`: the files of a release.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::setup::{self, Part};
use crate::steps::Steps;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process, product, sbom};

/// The archive of the man pages and of the completions of shells.
const MANUAL: &str = "epicac-manual.tar.gz";

/// Writes the static binary of each processor, `dist/epicac` for this machine, `dist/epicac.wasm`, the man
/// pages and the completions of shells, the bills of materials, and `dist/SHA256SUMS`.
///
/// A static binary is one file that runs in an image with nothing else in it. One for another processor
/// that cannot be built here is left out, which is said; in CI it is a failure.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up", || {
        setup::run(workspace, &[Part::Targets, Part::Packages])
    })?;
    let wasm = steps.step("epicac.wasm", || product::component(workspace))?;
    let mut files = vec![("epicac.wasm".to_owned(), wasm.clone())];
    for architecture in &ARCHITECTURES {
        if let Some(host) = binary(workspace, architecture, &wasm, &mut steps)? {
            files.push((format!("epicac-{}", architecture.name), host.clone()));
            if architecture.is_own() {
                files.push(("epicac".to_owned(), host));
            }
        }
    }
    let archive = workspace.target.join(MANUAL);
    steps.step(MANUAL, || pack(&product::manual(workspace)?, &archive))?;
    files.push((MANUAL.to_owned(), archive));
    files.extend(steps.step("Bills of materials", || sbom::generate(workspace))?);
    files.sort();

    let dist = workspace.root.join("dist");
    steps.step("dist/", || write(&dist, &files))?;
    steps.step("Checks", || {
        product::check_embedded(&dist.join("epicac"), &dist.join("epicac.wasm"))?;
        process::run(
            process::command("sha256sum")
                .args(["--check", "SHA256SUMS"])
                .current_dir(&dist),
        )
    })?;
    steps.print_times();
    Ok(())
}

/// The binary for one processor; `None` when it cannot be built here and may be missing.
fn binary(
    workspace: &Workspace,
    architecture: &Architecture,
    wasm: &Path,
    steps: &mut Steps,
) -> Result<Option<PathBuf>> {
    if let Err(why) = architecture.require() {
        if in_ci() {
            return Err(why);
        }
        println!("\nskipped: dist/epicac-{}: {why}", architecture.name);
        return Ok(None);
    }
    steps.step(&format!("epicac, static ({})", architecture.target), || {
        let host = product::static_host(workspace, architecture)?;
        // One for another processor cannot be asked which component it holds.
        if product::names_digest(&host, &product::sha256(wasm)?)? {
            Ok(Some(host))
        } else {
            Err(format!(
                "{} holds another component than {}",
                host.display(),
                wasm.display()
            ))
        }
    })
}

/// Packs the man pages and the completions: a release on GitHub has files and no folders. The same texts give the same
/// bytes, whoever packs them and when.
fn pack(folder: &Path, archive: &Path) -> Result<()> {
    process::run(
        process::command("tar")
            .args(["--create", "--format=ustar", "--sort=name", "--mtime=@0"])
            .args(["--owner=0", "--group=0", "--numeric-owner"])
            .args(["--mode=u=rwX,go=rX"])
            .args(["--use-compress-program", "gzip --no-name"])
            .arg("--file")
            .arg(archive)
            .arg("--directory")
            .arg(folder)
            .args(["completions", "man"]),
    )
}

/// Makes the folder anew, so that nothing of an older release is in it, with these files and their digests.
fn write(dist: &Path, files: &[(String, PathBuf)]) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist)
            .map_err(|error| format!("cannot empty {}: {error}", dist.display()))?;
    }
    let mut sums = String::new();
    for (name, built) in files {
        let file = dist.join(name);
        product::copy(built, &file)?;
        let digest = product::sha256(&file)?;
        println!(
            "  {digest}  {:>9} bytes  dist/{name}",
            product::size(&file)?
        );
        sums.push_str(&format!("{digest}  {name}\n"));
    }
    let file = dist.join("SHA256SUMS");
    fs::write(&file, sums).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::fs::{File, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, SystemTime};

    use super::*;

    /// Its digest is signed, and a release that is built anew has to have it again.
    #[test]
    fn the_manual_is_packed_into_the_same_bytes_whoever_packs_it_and_when() {
        let packed = [(0o644, 0), (0o600, 3600)].map(|(mode, age)| {
            let folder =
                std::env::temp_dir().join(format!("epicac-dist-{}-{mode:o}", std::process::id()));
            for page in ["man/epicac.1", "completions/_epicac"] {
                let page = folder.join(page);
                fs::create_dir_all(page.parent().unwrap()).unwrap();
                let file = File::create(&page).unwrap();
                let time = SystemTime::now() - Duration::from_secs(age);
                file.set_modified(time).unwrap();
                file.set_permissions(Permissions::from_mode(mode)).unwrap();
            }
            let archive = folder.join(MANUAL);
            pack(&folder, &archive).unwrap();
            let bytes = fs::read(&archive).unwrap();
            fs::remove_dir_all(&folder).unwrap();
            bytes
        });
        assert!(packed[0].len() > 100);
        assert!(packed[0] == packed[1]);
    }
}
