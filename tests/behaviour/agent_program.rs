//! §7, the agent: the stand-in as a program of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

use epicac_tests::{Epicac, require};
use serde_json::Value;

/// The stand-in, built with these tests.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stand-in-agent");

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn it_prints_where_it_listens_and_ends_with_its_input() {
    let mut program = Command::new(PROGRAM);
    program.args(["--listen", "127.0.0.1:0", "--listen", "127.0.0.2:0"]);
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for host in ["127.0.0.1", "127.0.0.2"] {
        let line = lines.next().unwrap().unwrap();
        let uri = line.strip_prefix("listening on ").unwrap();
        assert!(
            uri.starts_with(&format!("http://{host}:")) && uri.ends_with("/v1/credentials"),
            "{uri}"
        );
        Epicac::new()
            .full_uri(uri)
            .run()
            .fails_with(&["400", "cannot be empty"]);
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn it_is_up_while_a_command_runs_which_gets_the_variables_of_a_pod() {
    let folder = tempfile::tempdir().unwrap();
    let [token, log] = ["token", "log"].map(|name| folder.path().join(name));
    let epicac = Epicac::new().under([PROGRAM, "--account-id", "000000000007"]);
    let epicac = epicac.under(["--write-token".as_ref(), token.as_os_str()]);
    let epicac = epicac
        .under(["--log".as_ref(), log.as_os_str()])
        .under(["--"]);
    assert_eq!(epicac.run().succeeds()["AccountId"], "000000000007");

    let log = std::fs::read_to_string(&log).unwrap();
    let request: Value = serde_json::from_str(log.trim_end()).unwrap();
    assert_eq!(
        (&request["method"], &request["target"]),
        (&"GET".into(), &"/v1/credentials".into())
    );
    assert!(
        !log.contains(&std::fs::read_to_string(&token).unwrap()),
        "the token is logged"
    );
}

#[test]
fn it_ends_with_the_status_of_the_command() {
    let Some(shell) = require("sh") else { return };
    let shell = shell.to_str().unwrap();
    assert_eq!(run(&["--", shell, "-c", "exit 7"]).status.code(), Some(7));
    assert_eq!(
        run(&["--", shell, "-c", "kill -9 $$"]).status.code(),
        Some(128 + 9)
    );
    assert_eq!(run(&["--", "/nonexistent"]).status.code(), Some(1));
}

#[test]
fn an_expired_token_can_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let epicac = Epicac::new().under([PROGRAM, "--expires-in", "-60", "--write-token"]);
    let epicac = epicac.under([token.as_os_str()]).under(["--"]);
    epicac.run().fails_with(&["400", "token is expired"]);
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        &["--listen"][..],
        &["--listen", "localhost"],
        &["--listen", "127.0.0.1"],
        &["--expires-in", "soon"],
        &["--requests-per-second", "-1"],
        &["--no-such-option"],
        &["argument"],
        &["--"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("Usage: stand-in-agent"),
            "{arguments:?}"
        );
    }
}

#[test]
fn help_is_printed_on_stdout() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("Usage: stand-in-agent")
    );
}
