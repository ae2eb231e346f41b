//! Debian's kernels, and what runs under them: ../../../tests/kernels. Nothing is installed: a package is fetched, and the
//! kernel is taken out of it.

#[path = "../../../tests/kernels/kernels.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::workspace::Workspace;
use crate::{Result, file, process};

use table::{KERNELS, Kernel};

/// The keys that sign Debian's releases, its earlier ones too.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Fetches the kernels that are not there into `target/kernels`.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("kernels");
    let missing = KERNELS.iter().filter(|it| !folder.join(it.name).is_file());
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mirror = mirror()?;
    for kernel in missing {
        let apt = Apt::new(&folder.join("apt"), &mirror, kernel)?;
        let fetched = apt.fetch(kernel, &folder);
        file::remove(&apt.folder)?;
        fetched?;
    }
    Ok(())
}

/// Builds the first process of these machines, and the tests that run there, for each processor.
pub fn programs(workspace: &Workspace) -> Result<()> {
    for architecture in &ARCHITECTURES {
        architecture.require()?;
        let folder = workspace.target.join("kernels").join(architecture.target);
        for (verb, program) in [
            (&["build"][..], ["epicac-kernels", "--bin", "init"]),
            (
                &["test", "--no-run"],
                ["epicac-tests", "--test", "behaviour"],
            ),
        ] {
            let built = program_for(workspace, architecture, verb, program)?;
            let [.., name] = program;
            file::copy(&built, &folder.join(name))?;
        }
    }
    Ok(())
}

/// A program for this processor, static, and without what a debugger reads: the machine has it in memory.
fn program_for(
    workspace: &Workspace,
    architecture: &Architecture,
    verb: &[&str],
    program: [&str; 3],
) -> Result<PathBuf> {
    let mut cargo = workspace.cargo([]);
    cargo.args(verb);
    cargo.args(["--locked", "--target", architecture.target]);
    cargo.args(["--message-format", "json-render-diagnostics", "--package"]);
    cargo.args(program);
    for profile in ["DEV", "TEST"] {
        cargo.env(format!("CARGO_PROFILE_{profile}_DEBUG"), "0");
        cargo.env(format!("CARGO_PROFILE_{profile}_STRIP"), "symbols");
    }
    architecture.set_compilers(&mut cargo);
    println!("  $ {}", process::shown(&cargo));
    let messages = process::capture(&mut cargo)?;
    let messages = messages
        .lines()
        .filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let mut programs = messages.filter_map(|it| Some(it.get("executable")?.as_str()?.into()));
    let [.., name] = program;
    programs
        .next_back()
        .ok_or_else(|| format!("cargo built no {name}"))
}

/// Where apt fetches Debian from on this machine.
fn mirror() -> Result<String> {
    let mut apt = process::command("apt-get");
    apt.args(["indextargets", "--format", "$(ORIGIN) $(REPO_URI)"]);
    let targets = process::capture(&mut apt)?;
    let mut mirrors = targets.lines().filter_map(|it| it.strip_prefix("Debian "));
    let mirror = mirrors.find(|it| it.trim_end_matches('/').ends_with("/debian"));
    mirror
        .map(ToOwned::to_owned)
        .ok_or_else(|| "apt has no source of Debian, where the kernels are".to_owned())
}

/// apt with one release of Debian for one processor, beside what this machine has installed.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(folder: &Path, mirror: &str, kernel: &Kernel) -> Result<Self> {
        file::remove(folder)?;
        file::write(&folder.join("status"), "")?;
        for working in ["state/lists/partial", "cache/archives/partial"] {
            file::write(&folder.join(working).join("none"), "")?;
        }
        let suite = kernel.suite;
        let source = format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n");
        file::write(&folder.join("sources.list"), &source)?;
        let processor = match kernel.architecture {
            "aarch64" => "arm64",
            _ => "amd64",
        };
        let path = folder.display();
        let settings = format!(
            "Dir::State \"{path}/state\";\nDir::State::status \"{path}/status\";\n\
             Dir::Cache \"{path}/cache\";\n\
             Dir::Etc::sourcelist \"{path}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n\
             Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\n\
             APT::Architecture \"{processor}\";\nAPT::Architectures {{ \"{processor}\"; }};\n\
             Acquire::Languages \"none\";\nAPT::Sandbox::User \"\";\n"
        );
        file::write(&folder.join("apt.conf"), &settings)?;
        let folder = folder.to_owned();
        Ok(Self { folder })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::command(program);
        command.env("APT_CONFIG", self.folder.join("apt.conf"));
        command.current_dir(&self.folder);
        command
    }

    fn fetch(&self, kernel: &Kernel, into: &Path) -> Result<()> {
        process::run(self.command("apt-get").args(["update", "--quiet=2"]))?;
        // The package of the newest version depends on that version's own package, which has the kernel.
        let mut cache = self.command("apt-cache");
        let depends = process::capture(cache.args(["depends", "--important", kernel.package]))?;
        let depends = depends
            .lines()
            .find_map(|it| it.trim().strip_prefix("Depends: "));
        let package = depends.ok_or_else(|| format!("Debian has no {}", kernel.package))?;
        process::run(
            self.command("apt-get")
                .args(["download", "--quiet=2", package]),
        )?;

        // A name of the package holds its version.
        let unpack =
            "dpkg-deb --fsys-tarfile ./*.deb | tar --extract --wildcards './boot/vmlinuz-*'";
        process::run(self.command("sh").args(["-c", unpack]))?;
        let boot = self.folder.join("boot");
        let names = file::names(&boot)?;
        let name = names.first().ok_or("the package has no kernel")?;
        file::copy(&boot.join(name), &into.join(kernel.name))
    }
}
