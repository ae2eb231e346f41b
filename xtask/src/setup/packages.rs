//! The programs of the system, by Debian's packages.

use std::path::Path;

use crate::{Result, process};

/// Programs, the Debian packages of each, the parts of the set-up that it belongs to, and what it is for.
const PROGRAMS: &str = "\
unshare               | util-linux                                  | network          | network namespaces of the tests' own, and the empty root of the static host
ip                    | iproute2                                    | network          | link-local addresses in these namespaces
python3               | python3                                     | network          | other programs of a pod, beside the static host
valgrind              | valgrind                                    | gate             | it counts instructions
strace                | strace                                      | gate             | it shows what the host asks of the kernel
aarch64-linux-gnu-gcc | gcc-aarch64-linux-gnu libc6-dev-arm64-cross | processors       | the static host for aarch64
qemu-aarch64-static   | qemu-user-static                            | emulator         | a run of the static host for aarch64 on another processor
qemu-system-x86_64    | qemu-system-x86                             | kernels          | a machine with another kernel
qemu-system-aarch64   | qemu-system-arm                             | kernels          | the same, of the other processor
cpio                  | cpio                                        | kernels          | the file system of these machines
/usr/share/keyrings/debian-archive-keyring.gpg | debian-archive-keyring | kernels      | the kernels are Debian's
dpkg                  | dpkg                                        | installers       | it installs and removes the package for Debian
rpm                   | rpm                                         | installers       | the same for the package for Fedora and its like
python-with-venv      | python3-venv                                | venv             | boto3, the AWS CLI and moto
ruby                  | ruby-aws-sdk-s3                             | sdks             | the SDK for Ruby
node                  | nodejs                                      | sdks             | the SDK for JavaScript, and jco
npm                   | npm                                         | sdks             | the same
javac                 | default-jdk-headless                        | sdks             | the SDK for Java
mvn                   | maven                                       | sdks             | the same
podman                | podman                                      | containers       | our image and those of the documentation run in it
buildah               | buildah                                     | containers       | it builds them
runc                  | runc                                        | containers       | podman runs containers by it
/usr/include/seccomp.h | libseccomp-dev                             | cluster          | a newer runc, for a node of Kubernetes, is built with it
/usr/lib/cni/bridge   | containernetworking-plugins                 | cluster          | the network of that node's pods
openssl               | openssl                                     | cluster          | the keys of a cluster
fish                  | fish                                        | shells           | its completions are tried in it
zsh                   | zsh                                         | shells           | the same
jq                    | jq                                          | shells bench     | the workflow's script, and the shell one-liner that the benchmark measures
curl                  | curl                                        | embedding bench  | that one-liner, and a client of `wasmtime serve`
time                  | time                                        | bench            | it tells peak memory
";

/// A row of [`PROGRAMS`].
struct Row {
    program: &'static str,
    packages: &'static str,
    parts: &'static str,
    reason: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    PROGRAMS.lines().filter_map(|line| {
        let mut fields = line.split('|').map(str::trim);
        Some(Row {
            program: fields.next()?,
            packages: fields.next()?,
            parts: fields.next()?,
            reason: fields.next()?,
        })
    })
}

/// The names of the parts that have programs.
pub fn parts() -> impl Iterator<Item = &'static str> {
    rows().flat_map(|row| row.parts.split(' '))
}

/// Installs the programs of these parts that are missing, on a Debian, as root. Otherwise the error lists the packages.
pub fn install(parts: &[&str]) -> Result<()> {
    let is_wanted = |row: &Row| row.parts.split(' ').any(|part| parts.contains(&part));
    let missing: Vec<Row> = rows()
        .filter(|row| is_wanted(row) && !is_there(row.program))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for row in &missing {
        println!("  {} is not there: {}", row.program, row.reason);
    }
    let packages = missing.iter().flat_map(|row| row.packages.split(' '));
    let packages: Vec<&str> = packages.collect();
    let is_root = process::capture(process::command("id").arg("-u"))? == "0";
    if process::find("apt-get").is_none() || !is_root {
        let packages = packages.join(" ");
        return Err(format!(
            "install these packages of Debian as root, or their like of another system: {packages}"
        ));
    }
    // An index that cannot be renewed may still do.
    if let Err(why) = process::run(process::command("apt-get").args(["update", "--quiet=2"])) {
        println!("  {why}; going on with the index that is there");
    }
    let mut apt = process::command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "--quiet=2", "--yes", "--no-install-recommends"])
        .args(packages);
    process::run(&mut apt)
}

/// Whether a program is there with what it needs: Python's module for environments, Ruby's SDK, the headers of another
/// processor's C library.
fn is_there(program: &str) -> bool {
    let (program, arguments): (_, &[&str]) = match program {
        "python-with-venv" => ("python3", &["-c", "import ensurepip, venv"]),
        "ruby" => (program, &["-e", "require 'aws-sdk-s3'"]),
        "aarch64-linux-gnu-gcc" => (
            program,
            &["-E", "-x", "c", "-include", "stdint.h", "/dev/null"],
        ),
        _ => return Path::new(program).is_file() || process::find(program).is_some(),
    };
    let output = process::command(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_needs_at_most_eight_packages() {
        let is_of_the_product = |row: &Row| {
            let mut parts = crate::test::product_parts();
            parts.any(|part| row.parts.split(' ').any(|of_it| of_it == part))
        };
        let rows = rows().filter(is_of_the_product);
        let packages: Vec<&str> = rows.flat_map(|row| row.packages.split(' ')).collect();
        assert!((1..=8).contains(&packages.len()), "{packages:?}");
    }

    #[test]
    fn every_line_is_a_row() {
        assert_eq!(rows().count(), PROGRAMS.lines().count());
    }
}
