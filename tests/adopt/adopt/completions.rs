//! The completions of a release, given to the shells that they are for.

use std::process::Command;

use epicac_adopt::{ask, place};
use epicac_tests::require::require;

const FOLDER: &str = "docs/completions";

#[test]
fn each_shell_can_read_its_own() {
    for (shell, only_read, file) in [
        ("bash", "-n", "epicac.bash"),
        ("fish", "--no-execute", "epicac.fish"),
        ("zsh", "-n", "_epicac"),
    ] {
        let Some(said) = answer(shell, &[only_read, &path(file)]) else {
            return;
        };
        assert_eq!(said, Ok(String::new()), "{file}");
    }
}

#[test]
fn the_beginning_of_a_verb_is_completed() {
    let bash = format!(
        "source {}; COMP_WORDS=(epicac pol) COMP_CWORD=1; _epicac epicac pol epicac; echo $COMPREPLY",
        path("epicac.bash")
    );
    let fish = format!("source {}; complete -C 'epicac pol'", path("epicac.fish"));
    for (shell, script) in [("bash", bash), ("fish", fish)] {
        let Some(said) = answer(shell, &["-c", &script]) else {
            return;
        };
        let completed = said.unwrap_or_else(|why| panic!("{shell}: {why}"));
        // fish says what it is for, too.
        let words: Vec<&str> = completed
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        assert_eq!(words, ["policy"], "{shell}");
    }
}

/// Where it lies in a folder of the `fpath`, `compinit` finds it by its first line.
#[test]
fn zsh_finds_its_own_by_the_name_of_the_command() {
    let script = "fpath=($1 $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[epicac]";
    let Some(said) = answer("zsh", &["-fc", script, "zsh", &path("")]) else {
        return;
    };
    assert_eq!(said.as_deref(), Ok("_epicac\n"));
}

/// What a shell says that reads no configuration. `None` means that the test is skipped.
fn answer(shell: &str, arguments: &[&str]) -> Option<Result<String, String>> {
    let mut command = Command::new(require(shell)?);
    let home = tempfile::tempdir().expect("a folder can be made");
    command.env_clear().env("HOME", home.path()).args(arguments);
    Some(ask::said(&mut command, ""))
}

fn path(file: &str) -> String {
    place::repository(FOLDER).join(file).display().to_string()
}
