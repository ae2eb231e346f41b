//! The programs that are measured: each prints the credentials as a credential process does, but for the
//! first, which does nothing.

use std::path::Path;

use super::Built;
use crate::process;
use crate::workspace::Workspace;

/// The line of shell that epicac replaces.
const ONE_LINER: &str = "curl -s -H \"Authorization: $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)\" \
     $AWS_CONTAINER_CREDENTIALS_FULL_URI | \
     jq '{Version:1, AccessKeyId, SecretAccessKey, SessionToken:.Token, Expiration}'";

/// A program with its arguments.
pub struct Peer {
    pub name: String,
    pub command: Vec<String>,
    /// Whether it prints credentials.
    pub prints: bool,
    /// Whether its instructions are counted, which means little for a program that compiles, or for two.
    pub counted: bool,
}

impl Peer {
    fn new(name: &str, command: impl IntoIterator<Item = String>) -> Self {
        Self {
            name: name.to_owned(),
            command: command.into_iter().collect(),
            prints: true,
            counted: false,
        }
    }

    fn counted(self) -> Self {
        Self {
            counted: true,
            ..self
        }
    }
}

/// Names in the table that other code looks for.
pub const FLOOR: &str = "minimal C program, static (the floor)";
pub const EPICAC: &str = "**epicac**, static";

/// What can be measured on this machine, and what cannot, with the reason.
pub fn peers(
    workspace: &Workspace,
    built: &Built,
    token_folder: &Path,
) -> (Vec<Peer>, Vec<(&'static str, String)>) {
    let text = |path: &Path| path.display().to_string();
    let mut skipped = Vec::new();
    let mut peers = vec![
        Peer {
            prints: false,
            ..Peer::new("starting a process (does nothing)", [text(&built.nothing)])
        },
        Peer::new(FLOOR, [text(&built.floor)]).counted(),
        Peer::new(EPICAC, [text(&built.static_host)]).counted(),
        Peer::new("epicac, dynamic (glibc)", [text(&built.host)]).counted(),
    ];

    let one_liner = "`curl \\| jq`";
    match ["sh", "curl", "jq"]
        .into_iter()
        .find(|tool| process::find(tool).is_none())
    {
        None => peers.push(Peer::new(
            one_liner,
            ["/bin/sh", "-c", ONE_LINER].map(str::to_owned),
        )),
        Some(tool) => skipped.push((one_liner, format!("{tool} is not installed"))),
    }

    let (cached, compiled) = (
        "`wasmtime run epicac.wasm`, cached",
        "`wasmtime run epicac.cwasm`",
    );
    match &built.wasmtime {
        Some(wasmtime) => {
            let run = |options: &[&str], file: &Path| {
                let mut words = vec![text(wasmtime), "run".to_owned()];
                words.extend(options.iter().map(|option| (*option).to_owned()));
                for option in ["-S", "http", "--env", "AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
                    words.push(option.to_owned());
                }
                for option in ["--env", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "--dir"] {
                    words.push(option.to_owned());
                }
                words.extend([text(token_folder), text(file)]);
                words
            };
            peers.push(Peer::new(cached, run(&["-C", "cache=y"], &built.wasm)));
            peers.push(Peer::new(
                compiled,
                run(&["--allow-precompiled"], &built.cwasm),
            ));
        }
        None => {
            for name in [cached, compiled] {
                skipped.push((name, "there is no wasmtime CLI of our version".to_owned()));
            }
        }
    }

    let botocore = "botocore's container provider (Python)";
    let python = workspace.venv().join("bin/python");
    let script = workspace.root.join("xtask/bench/container_provider.py");
    if python.is_file() {
        peers.push(Peer::new(botocore, [text(&python), text(&script)]));
    } else {
        skipped.push((botocore, format!("there is no {}", python.display())));
    }
    (peers, skipped)
}
