//! Under the name `sh` (docs/images.md): `sh -c` of itself, as the SDKs start a credential process, and nothing else.

use std::os::unix::fs::symlink;

use epicac_tests::{Agent, Epicac};
use tempfile::TempDir;

use crate::cases::{generous_agent, gets_credentials};

/// An image whose shell it is.
struct Image(TempDir);

impl Image {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        symlink(Epicac::path(), folder.path().join("sh")).unwrap();
        Self(folder)
    }

    fn sh(&self, agent: &Agent, arguments: &[&str]) -> Epicac {
        let epicac = Epicac::asking(agent).at(self.0.path().join("sh"));
        arguments.iter().fold(epicac, Epicac::arg)
    }
}

#[test]
fn it_runs_itself() {
    let (image, agent) = (Image::new(), generous_agent());
    gets_credentials(image.sh(&agent, &["-c", "/opt/epicac"]));
    gets_credentials(image.sh(&agent, &["-c", "--", "/opt/epicac/epicac"]));
    assert_eq!(agent.requests().len(), 2);
}

#[test]
fn it_takes_its_arguments_as_a_shell_would_split_them() {
    let (image, agent) = (Image::new(), generous_agent());
    let policy = Epicac::asking(&agent).arg("policy").run().answers(0);
    let path = image.0.path().join("a policy");
    std::fs::write(&path, policy).unwrap();
    let command = format!("/opt/epicac --policy '{}'", path.display());
    gets_credentials(image.sh(&agent, &["-c", &command]));
    let version = image.sh(&agent, &["-c", "/opt/epicac --version"]).run();
    assert!(version.answers(0).starts_with("epicac "));
    let wrong = image.sh(&agent, &["-c", "/opt/epicac --nonsense"]).run();
    assert_eq!(wrong.status.code(), Some(2));
    let usage = String::from_utf8_lossy(&wrong.stderr);
    assert!(usage.contains("Usage: epicac"), "{usage}");
}

#[test]
fn what_the_sdk_for_cpp_puts_behind_every_command_is_done() {
    let (image, agent) = (Image::new(), generous_agent());
    gets_credentials(image.sh(&agent, &["-c", "/opt/epicac 2>&1"]));
    let nowhere = Epicac::new().at(image.0.path().join("sh"));
    let outcome = nowhere.arg("-c").arg("/opt/epicac 2>&1").run();
    assert_eq!(outcome.status.code(), Some(1));
    assert!(outcome.stderr.is_empty());
    let line = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        line.starts_with("epicac: no container credentials endpoint"),
        "{line}"
    );
}

#[test]
fn it_is_no_shell() {
    let (image, agent) = (Image::new(), generous_agent());
    for arguments in [
        &[][..],
        &["-i"],
        &["-c"],
        &["-c", "ls"],
        &["-c", "/opt/epicac; ls"],
        &["-c", "/opt/epicac > /tmp/credentials"],
        &["-c", "exec /opt/epicac"],
    ] {
        let outcome = image.sh(&agent, arguments).run();
        assert_eq!(outcome.status.code(), Some(127), "{arguments:?}");
        assert!(outcome.stdout.is_empty(), "{arguments:?}");
        let line = String::from_utf8_lossy(&outcome.stderr);
        let is_told = line.starts_with("epicac: no shell: ") && line.ends_with(")\n");
        assert!(is_told && line.lines().count() == 1, "{line}");
    }
    assert_eq!(agent.connections(), 0);
}
