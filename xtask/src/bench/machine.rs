//! What a benchmark ran on.

use std::{env, fs};

use crate::process;

/// The machine and the compiler, for the end of a page of figures.
pub fn about() -> Vec<(&'static str, String)> {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    vec![
        (
            "processor",
            format!("{}, {processors} cores, {}", processor(), env::consts::ARCH),
        ),
        ("kernel", first_line("uname", "-sr")),
        ("rustc", first_line("rustc", "--version")),
    ]
}

/// The first line that a program prints, with its version as a rule.
pub fn first_line(program: &str, argument: &str) -> String {
    process::capture(process::command(program).arg(argument))
        .ok()
        .and_then(|text| text.lines().next().map(str::to_owned))
        .unwrap_or_else(|| "none".to_owned())
}

fn processor() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.to_owned())
}

/// The table that a page ends with.
pub fn table(about: &[(&'static str, String)]) -> String {
    let mut text = "\n| measured on | |\n|---|---|\n".to_owned();
    for (name, value) in about {
        text.push_str(&format!("| {name} | {value} |\n"));
    }
    text
}
