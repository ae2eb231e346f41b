//! The programs of the system, by Debian's packages.

use std::path::Path;

use crate::workspace::Workspace;
use crate::{Result, process};

/// Programs, the Debian packages of each, and what it is for.
const PROGRAMS: &str = "\
musl-gcc              | musl-tools                                  | the static host
time                  | time                                        | the benchmark tells peak memory
aarch64-linux-gnu-gcc | gcc-aarch64-linux-gnu libc6-dev-arm64-cross | the static host for aarch64
qemu-aarch64-static   | qemu-user-static                            | a run of the static host for aarch64 on another processor
valgrind              | valgrind                                    | the gate counts instructions
strace                | strace                                      | the gate watches what the host asks of the kernel
ip                    | iproute2                                    | tests on the link-local addresses, in a network namespace of their own
unshare               | util-linux                                  | the same, and the empty root of the static host
curl                  | curl                                        | the shell one-liner that the benchmark measures
jq                    | jq                                          | the same one-liner
python3               | python3-venv                                | boto3, the AWS CLI and moto
ruby                  | ruby-aws-sdk-s3                             | the SDK for Ruby
node                  | nodejs                                      | the SDK for JavaScript, and jco
npm                   | npm                                         | the same
javac                 | default-jdk-headless                        | the SDK for Java
mvn                   | maven                                       | the same
podman                | podman                                      | our image and those of the documentation run in it
buildah               | buildah                                     | it builds them
runc                  | runc                                        | podman runs containers by it
/usr/include/seccomp.h | libseccomp-dev                             | a newer runc, for a node of Kubernetes, is built with it
/usr/lib/cni/bridge   | containernetworking-plugins                 | the network of that node's pods
skopeo                | skopeo                                      | a release pushes the image and the component by it
openssl               | openssl                                     | the keys of a cluster
fish                  | fish                                        | its completions are tried in it
zsh                   | zsh                                         | the same
";

/// Installs the programs that are missing, on a Debian, as root.
pub fn install(_: &Workspace) -> Result<()> {
    let fields = |line: &'static str| {
        let mut fields = line.split(" | ").map(str::trim);
        Some([fields.next()?, fields.next()?, fields.next()?])
    };
    let lines = PROGRAMS.lines().filter_map(fields);
    let missing: Vec<_> = lines.filter(|[program, ..]| !is_there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for [program, package, reason] in &missing {
        println!("  {program} (in Debian: {package}) is not there: {reason}");
    }
    let is_root = process::capture(process::command("id").arg("-u"))? == "0";
    if process::find("apt-get").is_none() || !is_root {
        return Err("the programs above have to be installed by hand".to_owned());
    }
    // An index that cannot be renewed may still do.
    if let Err(why) = process::run(process::command("apt-get").args(["update", "--quiet=2"])) {
        println!("  {why}; going on with the index that is there");
    }
    let mut apt = process::command("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "--quiet=2", "--yes", "--no-install-recommends"])
        .args(
            missing
                .iter()
                .flat_map(|[_, packages, _]| packages.split(' ')),
        );
    process::run(&mut apt)
}

/// Whether a program is there with what it needs: Python's module for environments, Ruby's SDK, the headers of another
/// processor's C library.
fn is_there(program: &str) -> bool {
    let arguments: &[&str] = match program {
        "python3" => &["-c", "import ensurepip, venv"],
        "ruby" => &["-e", "require 'aws-sdk-s3'"],
        "aarch64-linux-gnu-gcc" => &["-E", "-x", "c", "-include", "stdint.h", "/dev/null"],
        _ => return Path::new(program).is_file() || process::find(program).is_some(),
    };
    let output = process::command(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}
