//! Writes the man pages and the completions of shells into a folder, for `cargo xtask dist`:
//!
//! ```console
//! $ cargo run --example manual target/manual
//! ```
//!
//! It reads the arguments where the program declares them, and the program has nothing in it of what writes the pages.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

// The program's own modules. Nothing of them is run here.
#[path = "../src/cli/mod.rs"]
#[allow(dead_code, reason = "only the arguments are used")]
mod cli;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("usage: manual FOLDER")?);
    // The version alone: another component does not change the pages.
    let mut command = cli::arguments::Arguments::command()
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true);
    command.build();

    let man = emptied(&folder.join("man"))?;
    page(&command, "epicac", &man)?;
    let completions = emptied(&folder.join("completions"))?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, "epicac", &completions)?;
    }
    Ok(())
}

/// A page for this command and for each of its verbs: `epicac.1`, `epicac-policy.1`, and so on.
fn page(command: &Command, name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .source(concat!("epicac ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)?;
    fs::write(folder.join(format!("{name}.1")), page)?;
    for verb in command.get_subcommands() {
        self::page(verb, &format!("{name}-{}", verb.get_name()), folder)?;
    }
    Ok(())
}

/// The folder, without the files of an older version.
fn emptied(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}
