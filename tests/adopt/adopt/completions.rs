//! The completions in `docs/completions`, each in its own shell. That they are those of the arguments is a test of the
//! host, and what bash completes is in tests/behaviour/manual.rs.

use epicac_adopt::{ask, place};

const BASH: &str = "docs/completions/epicac.bash";
const FISH: &str = "docs/completions/epicac.fish";
const ZSH: &str = "docs/completions/_epicac";

/// What a shell says to these arguments and the path of a file.
fn said(shell: &str, arguments: &[&str], file: &str) -> Option<String> {
    let file = place::repository(file).display().to_string();
    let answer = ask::program(shell, &[arguments, &[file.as_str()]].concat())?;
    Some(answer.unwrap_or_else(|why| panic!("{shell} refuses {file}: {why}")))
}

#[test]
fn each_shell_can_read_its_own() {
    for (shell, option, file) in [
        ("bash", "-n", BASH),
        ("zsh", "-n", ZSH),
        ("fish", "--no-execute", FISH),
    ] {
        let Some(said) = said(shell, &[option], file) else {
            return;
        };
        assert_eq!(said, "", "{shell}");
    }
}

#[test]
fn fish_completes_a_verb_and_says_what_it_does() {
    let script = r#"source $argv[1]; complete --do-complete "epicac pol""#;
    let Some(said) = said("fish", &["--no-config", "-c", script], FISH) else {
        return;
    };
    let (verb, what) = said.split_once('\t').expect("a verb, and what it does");
    assert_eq!((verb, said.lines().count()), ("policy", 1), "{said}");
    assert!(!what.trim().is_empty());
}

/// Where it lies in a folder of the `fpath`, `compinit` finds it by its first line.
#[test]
fn zsh_finds_it_by_its_name() {
    let script =
        "fpath=(${1:h} $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[epicac]";
    let Some(said) = said("zsh", &["-f", "-c", script, "zsh"], ZSH) else {
        return;
    };
    assert_eq!(said, "_epicac\n");
}
