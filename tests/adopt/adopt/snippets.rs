//! Every fenced block of the documentation is read by whoever would read it in earnest.

use std::fs;
use std::path::Path;

use epicac_adopt::markdown::{self, Block};
use epicac_adopt::{ask, place};

/// Files whose blocks other tests run.
const ELSEWHERE: [&str; 1] = ["docs/embedding.md"];

#[test]
fn every_block_can_be_read_by_whom_it_is_for() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in markdown::files() {
        if ELSEWHERE.iter().any(|other| file == Path::new(other)) {
            continue;
        }
        for block in markdown::blocks(&file) {
            count += 1;
            match read(&block) {
                Some(Ok(())) => {}
                Some(Err(why)) => wrong.push(format!(
                    "{}:{}: {}: {why}",
                    block.file, block.line, block.language
                )),
                None => return,
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 20, "only {count} blocks were found");
}

/// A link to a file that is not there is as wrong as a command that does not exist.
#[test]
fn every_link_into_the_repository_leads_somewhere() {
    let mut broken = Vec::new();
    for file in markdown::files() {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let text = markdown::text(&file);
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#', ' ']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("../../security") {
                continue;
            }
            if !place::repository("").join(&folder).join(target).exists() {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// `None` when a tool is missing, which has then been said.
fn read(block: &Block) -> Option<Result<(), String>> {
    let text = &block.text;
    let answer = match block.language.as_str() {
        "yaml" => return yaml(text),
        "json" => return Some(json(text)),
        "console" => ask::bash(&commands(text)),
        "sh" | "bash" => ask::bash(text),
        "ini" => ask::python(&script("aws_config.py"), &[], text)?,
        "python" => ask::python(&script("python_source.py"), &[], text)?,
        "hcl" => return hcl(text),
        // For people. A picture is drawn where it is shown; Rust is compiled as an example or a test of its crate;
        // WIT is compared with wit/ by the tests of the world, and `engine` builds what is for a container engine.
        "text" | "mermaid" | "rust" | "wit" | "dockerfile" => Ok(String::new()),
        other => Err(format!(
            "nobody reads the language `{other}`: name one that is read, or `text`"
        )),
    };
    Some(answer.map(drop))
}

fn json(text: &str) -> Result<(), String> {
    serde_json::from_str::<serde_json::Value>(text)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// It is only parsed here: a test of `../cluster` gives each object and each kustomization to an API server.
fn yaml(text: &str) -> Option<Result<(), String>> {
    Some(ask::python(&script("yaml_document.py"), &[], text)?.map(drop))
}

/// Terraform's own form, too: somebody will run `terraform fmt`.
fn hcl(text: &str) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("block.tf");
    fs::write(&file, text).expect("the block can be written");
    let answer = ask::terraform("formatted", &[&file])?;
    Some(answer.and_then(|unformatted| {
        if unformatted == serde_json::json!([]) {
            Ok(())
        } else {
            Err("it is not as `terraform fmt` would have it".to_owned())
        }
    }))
}

/// The commands of a session, whose lines begin with `$`, and with `>` where they go on.
fn commands(text: &str) -> String {
    let mut commands = String::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ").or(line.strip_prefix("> ")) {
            commands.push_str(command);
            commands.push('\n');
        }
    }
    assert!(!commands.is_empty(), "a session without a command: {text}");
    commands
}

fn script(name: &str) -> std::path::PathBuf {
    place::repository("tests/adopt/adopt").join(name)
}
