//! The man pages and the completions of a release, as `cargo xtask dist` packs them: the completions are tried in the
//! shells that they are for.

use std::fs;
use std::process::Command;

use epicac_adopt::{ask, place};
use epicac_tests::Epicac;
use epicac_tests::require::require;

#[test]
fn each_shell_can_read_its_own() {
    for (shell, only_read, file) in [
        ("bash", "-n", "epicac.bash"),
        ("fish", "--no-execute", "epicac.fish"),
        ("zsh", "-n", "_epicac"),
    ] {
        let Some(said) = completions(file).and_then(|file| answer(shell, &[only_read, &file]))
        else {
            return;
        };
        assert_eq!(said, Ok(String::new()), "{file}");
    }
}

#[test]
fn bash_completes_verbs_and_options() {
    const COMPLETE: &str = r#"
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _epicac epicac "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[@]}"
    "#;
    let Some(file) = completions("epicac.bash") else {
        return;
    };
    for (words, completed) in [
        (&["epicac", "pol"][..], "policy"),
        (&["epicac", "doc"], "doctor"),
        (&["epicac", "config", "--ext"], "--external-id"),
        (&["epicac", "config", "--chain", ""], "sdk epicac"),
        (&["epicac", "config", "ch"], "check"),
        (&["epicac", "doctor", "--j"], "--json"),
    ] {
        let script = ["-euc", COMPLETE, "bash", &file];
        let Some(said) = answer("bash", &[&script, words].concat()) else {
            return;
        };
        assert_eq!(said, Ok(format!("{completed}\n")), "{words:?}");
    }
}

#[test]
fn fish_completes_the_beginning_of_a_verb() {
    let Some(file) = completions("epicac.fish") else {
        return;
    };
    let script = "source $argv[1]; complete -C 'epicac pol'";
    let Some(said) = answer("fish", &["-c", script, &file]) else {
        return;
    };
    let said = said.expect("fish completes");
    // A tab and the verb's description follow.
    assert_eq!(said.split('\t').next(), Some("policy"), "{said}");
}

/// Where it lies in a folder of the `fpath`, `compinit` finds it by its first line.
#[test]
fn zsh_finds_its_own_by_the_name_of_the_command() {
    let Some(folder) = completions("") else {
        return;
    };
    let script = "fpath=($1 $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[epicac]";
    let Some(said) = answer("zsh", &["-fc", script, "zsh", &folder]) else {
        return;
    };
    assert_eq!(said.as_deref(), Ok("_epicac\n"));
}

#[test]
fn every_option_has_its_place_in_a_page() {
    let (Some(manual), Some(epicac)) = (
        place::manual(),
        place::static_epicac(std::env::consts::ARCH),
    ) else {
        return;
    };
    for verb in [
        "",
        "config",
        "config check",
        "doctor",
        "install",
        "policy",
        "policy check",
        "serve",
    ] {
        let words = verb.split_whitespace();
        let help = words
            .fold(Epicac::new().at(&epicac), Epicac::arg)
            .arg("--help")
            .run();
        let help = help.answers(0);
        let page = format!("man/epicac {verb}").trim_end().replace(' ', "-") + ".1";
        let page = fs::read_to_string(manual.join(page)).expect("the verb has a page");
        assert!(page.contains("\n.TH epicac"), "{verb}");
        let options = help
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        let is_of_a_name = |c: char| c.is_alphanumeric() || c == '-';
        for option in options.filter_map(|option| option.split(|c| !is_of_a_name(c)).next()) {
            let option = option.replace('-', "\\-");
            assert!(page.contains(&option), "{option} in the page of `{verb}`");
        }
    }
}

/// What a shell says that reads no configuration. `None` means that the test is skipped.
fn answer(shell: &str, arguments: &[&str]) -> Option<Result<String, String>> {
    let mut command = Command::new(require(shell)?);
    let home = tempfile::tempdir().expect("a folder can be made");
    command.env_clear().env("HOME", home.path()).args(arguments);
    Some(ask::said(&mut command, ""))
}

/// The path of a file of completions. `None` means that the test is skipped.
fn completions(file: &str) -> Option<String> {
    let folder = place::manual()?.join("completions");
    Some(folder.join(file).display().to_string())
}
