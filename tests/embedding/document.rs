//! The fenced blocks of docs/embedding.md, each with what is to be done with it.
//!
//! | the line before the block | |
//! |---|---|
//! | `<!-- file: NAME -->` | is a file of that name in the folder of every test |
//! | `<!-- run: TEST; prints: TEXT -->` | is run by `sh`, succeeds, and prints the text |
//! | `<!-- fails: TEST; says: TEXT -->` | is run by `sh`, fails, and has the text on stderr |
//! | `<!-- same as: PATH -->` | is that file of the repository, word by word |
//!
//! A block without such a line is a failure: what nobody runs rots.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Block {
    pub directive: Directive,
    pub text: String,
}

pub enum Directive {
    File(String),
    Run { test: String, prints: String },
    Fails { test: String, says: String },
    SameAs(String),
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn blocks() -> Vec<Block> {
    let path = root().join("docs/embedding.md");
    let document = fs::read_to_string(&path).expect("the document can be read");
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let directive = Directive::parse(before)
                .unwrap_or_else(|| panic!("before `{line}` is no directive, but `{before}`"));
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block {
                directive,
                text: block.join("\n") + "\n",
            });
        }
        before = line;
    }
    blocks
}

impl Directive {
    fn parse(line: &str) -> Option<Self> {
        let (kind, value) = line
            .strip_prefix("<!-- ")?
            .strip_suffix(" -->")?
            .split_once(": ")?;
        let with = |second: &str| {
            let (test, text) = value.split_once(&format!("; {second}: "))?;
            Some((test.to_owned(), text.to_owned()))
        };
        Some(match kind {
            "file" => Self::File(value.to_owned()),
            "run" => {
                let (test, prints) = with("prints")?;
                Self::Run { test, prints }
            }
            "fails" => {
                let (test, says) = with("says")?;
                Self::Fails { test, says }
            }
            "same as" => Self::SameAs(value.to_owned()),
            _ => return None,
        })
    }

    /// The name of the test that runs the block.
    pub fn test(&self) -> Option<&str> {
        match self {
            Self::Run { test, .. } | Self::Fails { test, .. } => Some(test),
            Self::File(_) | Self::SameAs(_) => None,
        }
    }
}

#[test]
fn what_is_shown_of_the_repository_is_what_is_there() {
    let mut shown = 0;
    for block in blocks() {
        if let Directive::SameAs(path) = block.directive {
            let file = fs::read_to_string(root().join(&path)).expect("the file can be read");
            assert!(
                file == block.text,
                "{path} is not as docs/embedding.md shows it"
            );
            shown += 1;
        }
    }
    assert!(shown > 0);
}
