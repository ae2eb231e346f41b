//! Under the name `sh` (docs/images.md): `sh -c` of itself, as the SDKs start a credential process, and nothing else.
//! What it prints of itself is in cmd/shell-*.toml.

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
    gets_credentials(image.sh(&agent, &["-c", " /opt/a=b/epicac\n"]));
    assert_eq!(agent.requests().len(), 3);
}

#[test]
fn it_takes_its_arguments_as_a_shell_would_split_them() {
    let (image, agent) = (Image::new(), generous_agent());
    let policy = Epicac::asking(&agent).arg("policy").run().answers(0);
    let path = image.0.path().join("a policy");
    std::fs::write(&path, policy).unwrap();
    let command = format!("/opt/epicac --policy '{}'", path.display());
    gets_credentials(image.sh(&agent, &["-c", &command]));
}

#[test]
fn redirections_of_standard_error_are_done() {
    let (image, agent) = (Image::new(), generous_agent());
    let fails = |redirection: &str| {
        let nowhere = Epicac::new().at(image.0.path().join("sh"));
        let command = format!("/opt/epicac{redirection}");
        let outcome = nowhere.arg("-c").arg(command).run();
        assert_eq!(outcome.status.code(), Some(1), "{redirection}");
        assert!(outcome.stderr.is_empty(), "{redirection}");
        String::from_utf8(outcome.stdout).unwrap()
    };
    for redirection in [" 2>&1", " 2>& 1", " 2>/dev/null 2>&1"] {
        gets_credentials(image.sh(&agent, &["-c", &format!("/opt/epicac{redirection}")]));
        let line = fails(redirection);
        assert!(
            line.starts_with("epicac: no container credentials endpoint"),
            "{line}"
        );
    }
    for redirection in [
        " 2> /dev/null",
        " 2>/dev/null",
        "  2>  /dev/null ",
        " 2>&1 2> /dev/null",
        " 2>|/dev/null",
        " 2>\"/dev/null\"",
        " 2> '/dev/null'",
    ] {
        let command = format!("/opt/epicac{redirection}");
        gets_credentials(image.sh(&agent, &["-c", &command]));
        gets_credentials(image.sh(&agent, &["-c", "--", &command]));
        assert_eq!(fails(redirection), "", "{redirection}");
    }
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
        &["-c", "/opt/epicac 2>> /tmp/credentials"],
        &["-c", "/opt/epicac 2> /tmp/credentials"],
        &["-c", "exec /opt/epicac"],
        &["script"],
        &["-ec", "/opt/epicac"],
        &["-c", "/opt/epicac", "name"],
        &["-c", ""],
        &["-c", "/bin/sh -c /opt/epicac"],
        &["-c", "epicac.wasm"],
        &["-c", "A=/opt/epicac"],
        &["-c", "A=b /opt/epicac"],
        &["-c", "/opt/epicac\nls"],
        &["-c", "/opt/epicac && ls"],
        &["-c", "/opt/epicac | cat"],
        &["-c", "/opt/epicac $HOME"],
        &["-c", "/opt/epicac `id`"],
        &["-c", "$(id)/epicac"],
        &["-c", "'/opt/epicac"],
        &["-c", "{ /opt/epicac; }"],
        &["-c", "/opt/epicac2>&1"],
        &["-c", "2>&1"],
        &["-c", "/opt/epicac 2>&1 x"],
        &["-c", "/opt/epicac 2>>/dev/null"],
        &["-c", "/opt/epicac 2> &1"],
        &["-c", "/opt/epicac 2>&2"],
        &["-c", "/opt/epicac 2>|&1"],
        &["-c", "/opt/epicac 2>"],
        &["-c", "/opt/epicac 2>'/dev/null"],
        &["-c", "/opt/epicac 1>/dev/null"],
        &["-c", "/opt/epicac >/dev/null 2>&1"],
        &["-c", "/opt/epicac &>/dev/null"],
        &["-c", "/opt/epicac 2>/dev/null/"],
        &["-c", "/opt/epicac 2>/dev/null; ls"],
        &["-c", "/opt/epicac x=2>/dev/null"],
        &["-c", "/opt/epicac \\ 2>/dev/null"],
        &["-c", "/opt/epicac '--tag 2>/dev/null"],
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
