//! The manual and the completions of a release, docs/man and docs/completions. That they are those of the
//! arguments is a test of the host.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_tests::{Epicac, require};

fn docs(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(path)
}

#[test]
fn bash_completes_verbs_and_options() {
    const COMPLETE: &str = r#"
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _epicac epicac "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[@]}"
    "#;
    let Some(bash) = require("bash") else { return };
    for (words, completed) in [
        (&["epicac", "doc"][..], "doctor"),
        (&["epicac", "config", "--ext"], "--external-id"),
        (&["epicac", "config", "--chain", ""], "sdk epicac"),
        (&["epicac", "config", "ch"], "check"),
        (&["epicac", "doctor", "--j"], "--json"),
    ] {
        let output = Command::new(&bash)
            .args(["-euc", COMPLETE, "bash"])
            .arg(docs("completions/epicac.bash"))
            .args(words)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, "", "{words:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim_end(), completed, "{words:?}");
    }
}

#[test]
fn every_option_has_its_place_in_a_page() {
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
        let help = words.fold(Epicac::new(), Epicac::arg).arg("--help").run();
        let help = help.answers(0);
        let page = format!("man/epicac {verb}").trim_end().replace(' ', "-") + ".1";
        let page = fs::read_to_string(docs(&page)).unwrap();
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
