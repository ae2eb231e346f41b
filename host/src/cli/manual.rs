//! The man pages and the completions of shells, docs/man and docs/completions, come from the arguments. They
//! are written by this test, so that nothing of what writes them is in the program.

use super::arguments::Arguments;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

/// The command line, of the version alone: another component does not make another manual.
fn command() -> Command {
    let mut command = Arguments::command()
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true);
    command.build();
    command
}

/// The files below docs, and what has to be in them.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    pages(&command(), "epicac", &mut files);
    for (shell, name) in [
        (Shell::Bash, "epicac.bash"),
        (Shell::Fish, "epicac.fish"),
        // As zsh wants it in a folder of its fpath.
        (Shell::Zsh, "_epicac"),
    ] {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command(), "epicac", &mut text);
        files.insert(format!("completions/{name}"), text);
    }
    files
}

/// A page for this command and for each of its verbs: `epicac.1`, `epicac-policy.1`, and so on.
fn pages(command: &Command, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .source(concat!("epicac ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .unwrap();
    files.insert(format!("man/{name}.1"), page);
    for verb in command.get_subcommands() {
        pages(verb, &format!("{name}-{}", verb.get_name()), files);
    }
}

#[test]
fn the_published_manual_is_that_of_the_arguments() {
    let files = files();
    for (name, generated) in &files {
        let path = Path::new(DOCS).join(name);
        if env::var_os("EPICAC_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, generated).unwrap();
        }
        assert!(
            fs::read(&path).unwrap_or_default() == *generated,
            "docs/{name} is not that of the arguments: EPICAC_BLESS=1 cargo test -p epicac manual"
        );
    }
    for folder in ["man", "completions"] {
        for entry in fs::read_dir(Path::new(DOCS).join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = format!("{folder}/{name}");
            assert!(files.contains_key(&name), "docs/{name} is of nothing");
        }
    }
}

#[test]
fn the_arguments_contradict_nothing() {
    Arguments::command().debug_assert();
}
