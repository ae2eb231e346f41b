//! A network namespace of a test's own, in which the fixed link-local addresses of EKS and ECS exist.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::require::{require, skipped};

/// The addresses that exist in the namespace, each on its loopback interface: those of the Pod Identity
/// agent, and that of the ECS agent.
pub const ADDRESSES: [&str; 3] = ["169.254.170.23/32", "169.254.170.2/32", "fd00:ec2::23/128"];

/// How to run a program in a network namespace, made by `unshare` for that one run. Nothing outside of
/// it changes, and it is gone with the program.
#[derive(Clone, Debug)]
pub struct Namespace {
    unshare: PathBuf,
    flags: Vec<&'static str>,
    setup: String,
}

impl Namespace {
    /// A network namespace with the [`ADDRESSES`]. `None` means that the test is
    /// [`skipped`]: return from it.
    ///
    /// Panics when namespaces are not to be had and `CI` is `true`.
    pub fn link_local() -> Option<Namespace> {
        Namespace::with(&[], "")
    }

    /// Like [`Namespace::link_local`], with further namespaces (flags of `unshare`) and further shell
    /// commands that set them up.
    pub fn with(flags: &[&'static str], setup: &str) -> Option<Namespace> {
        let unshare = require("unshare")?;
        let ip = require("ip")?;
        let mut network = format!("set -e\n{} link set lo up\n", quoted(&ip));
        for address in ADDRESSES {
            let nodad = if address.contains("::") { "nodad" } else { "" };
            network.push_str(&format!(
                "{} address add {address} dev lo {nodad}\n",
                quoted(&ip)
            ));
        }
        let setup = format!("{network}{setup}\nexec \"$@\"");
        // As root a user namespace is not needed; for everybody else it is what makes the others possible.
        let mut refusal = String::new();
        for user in [None, Some("--map-root-user")] {
            let flags = user
                .into_iter()
                .chain(["--net"])
                .chain(flags.iter().copied())
                .collect();
            let namespace = Namespace {
                unshare: unshare.clone(),
                flags,
                setup: setup.clone(),
            };
            let mut probe = Command::new(&unshare);
            probe
                .args(namespace.prefix().iter().skip(1))
                .arg("true")
                .stdin(Stdio::null());
            match probe.output() {
                Ok(output) if output.status.success() => return Some(namespace),
                Ok(output) => refusal = String::from_utf8_lossy(&output.stderr).trim().to_owned(),
                Err(error) => refusal = error.to_string(),
            }
        }
        skipped(&format!("no namespace of its own: {refusal}"));
        None
    }

    /// The program and arguments to put before a command, so that it runs in the namespace. All paths
    /// are absolute: no environment is needed.
    pub fn prefix(&self) -> Vec<OsString> {
        let shell = ["/bin/sh", "-c", &self.setup, "sh"].map(OsString::from);
        let flags = self.flags.iter().map(OsString::from);
        [OsString::from(&self.unshare)]
            .into_iter()
            .chain(flags)
            .chain(shell)
            .collect()
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
