//! `cargo xtask dist`: the files of a release.

use std::path::{Path, PathBuf};

use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{Result, file, oci, package, packages, process, product, sbom, setup};

/// The archive of the man pages and of the completions of shells.
const MANUAL: &str = "epicac-manual.tar.gz";
/// The component for a container registry, as an OCI archive.
const COMPONENT: &str = "epicac-component.tar";

/// Writes the static binary of each processor, `dist/epicac` for this machine, `dist/epicac.wasm`, the man
/// pages and the completions of shells, the bills of materials, what registries get, and `dist/SHA256SUMS`.
///
/// A static binary is one file that runs in an image with nothing else in it.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up", || {
        setup::run(workspace, &["targets", "processors"])
    })?;
    let wasm = steps.step("epicac.wasm", || product::component(workspace))?;
    let mut files = vec![("epicac.wasm".to_owned(), wasm.clone())];
    let hosts = steps.step("epicac, static", || product::static_hosts(workspace))?;
    for (architecture, host) in &hosts {
        product::check_embedded(host, &wasm)?;
        if architecture.is_own() {
            files.push(("epicac".to_owned(), host.clone()));
        }
        files.push((format!("epicac-{}", architecture.name), host.clone()));
    }
    let archive = workspace.target.join(MANUAL);
    let manual = steps.step(MANUAL, || {
        let manual = product::manual(workspace)?;
        let compressed = ["--use-compress-program", "gzip --no-name"];
        pack(&manual, &archive, &compressed).map(|()| manual)
    })?;
    files.push((MANUAL.to_owned(), archive));
    let made = steps.step("Packages", || packages::make(workspace, &hosts, &manual));
    files.extend(made?);
    let archive = workspace.target.join(COMPONENT);
    steps.step(COMPONENT, || {
        pack(&oci::layout(workspace, &wasm)?, &archive, &[])
    })?;
    files.push((COMPONENT.to_owned(), archive));
    files.extend(steps.step("Crates", || package::run(workspace))?);
    files.extend(steps.step("Bills of materials", || sbom::generate(workspace))?);
    files.sort();

    let dist = workspace.root.join("dist");
    steps.step("dist/", || write(&dist, &files))?;
    steps.step("Checks", || {
        let mut check = process::command("sha256sum");
        process::run(check.args(["--check", "SHA256SUMS"]).current_dir(&dist))
    })?;
    steps.print_times();
    Ok(())
}

/// Packs what is in a folder. The same files give the same bytes, whoever packs them and when.
fn pack(folder: &Path, archive: &Path, options: &[&str]) -> Result<()> {
    let mut tar = process::command("tar");
    tar.args(["--create", "--format=ustar", "--sort=name", "--mtime=@0"])
        .args(["--owner=0", "--group=0", "--numeric-owner"])
        .args(["--mode=u=rwX,go=rX"])
        .args(options)
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(folder);
    process::run(tar.args(file::names(folder)?))
}

/// Makes the folder anew, so that nothing of an older release is in it, with these files and their digests.
fn write(dist: &Path, files: &[(String, PathBuf)]) -> Result<()> {
    file::remove(dist)?;
    let mut sums = String::new();
    for (name, built) in files {
        let copied = dist.join(name);
        file::copy(built, &copied)?;
        let (digest, size) = (file::sha256(&copied)?, file::size(&copied)?);
        println!("  {digest}  {size:>9} bytes  dist/{name}");
        sums.push_str(&format!("{digest}  {name}\n"));
    }
    file::write(&dist.join("SHA256SUMS"), &sums)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
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
            let archive = folder.with_extension("tar.gz");
            pack(
                &folder,
                &archive,
                &["--use-compress-program", "gzip --no-name"],
            )
            .unwrap();
            let bytes = fs::read(&archive).unwrap();
            fs::remove_dir_all(&folder).unwrap();
            fs::remove_file(&archive).unwrap();
            bytes
        });
        assert!(packed[0].len() > 100);
        assert!(packed[0] == packed[1]);
    }
}
