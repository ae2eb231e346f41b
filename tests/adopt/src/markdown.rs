//! The documentation, and the fenced blocks in it.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::place;

/// A fenced block.
#[derive(Debug)]
pub struct Block {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line that the block begins in, from 1.
    pub line: usize,
    /// What stands behind the fence.
    pub language: String,
    /// What it holds.
    pub text: String,
}

/// Folders that hold no documentation of ours.
const OTHERS: [&str; 4] = ["target", ".git", "dist", "node_modules"];

/// Every Markdown file of the repository, from its root.
#[must_use]
pub fn files() -> Vec<PathBuf> {
    let root = place::repository("");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed") {
            let entry = entry.expect("the folder can be listed");
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().expect("it has a type");
            if kind.is_dir() && !OTHERS.iter().any(|other| name == *other) {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end == "md") {
                found.push(path.strip_prefix(&root).expect("it is in there").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file.
#[must_use]
pub fn text(file: &Path) -> String {
    fs::read_to_string(place::repository("").join(file)).expect("the file can be read")
}

/// The fenced blocks of a file, those in lists too, which are indented.
#[must_use]
pub fn blocks(file: &Path) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, String)> = None;
    for (index, line) in text(file).lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        match &mut open {
            None => {
                if let Some(language) = line.trim_start().strip_prefix("```") {
                    let block = Block {
                        file: file.display().to_string(),
                        line: index + 1,
                        // `console,ignore`: the tests of the behaviour do not run it.
                        language: language
                            .split(',')
                            .next()
                            .unwrap_or_default()
                            .trim()
                            .to_owned(),
                        text: String::new(),
                    };
                    open = Some((block, line.chars().take(indent).collect()));
                }
            }
            Some((block, prefix)) => {
                if line.trim() == "```" {
                    blocks.extend(open.take().map(|(block, _)| block));
                } else {
                    let line = line.strip_prefix(prefix.as_str()).unwrap_or(line);
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
        }
    }
    assert!(open.is_none(), "{}: a block has no end", file.display());
    blocks
}
