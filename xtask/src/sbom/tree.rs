//! What cargo says a crate is built from.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::Workspace;
use crate::{Result, process};

/// A crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
}

impl Crate {
    /// Its package URL.
    pub fn purl(&self) -> String {
        format!(
            "pkg:cargo/{}@{}",
            self.name,
            self.version.replace('+', "%2B")
        )
    }
}

/// A crate and all that it needs.
pub struct Tree {
    root: Crate,
    licences: BTreeMap<Crate, String>,
    /// Who needs whom, to run or to be built.
    needs: BTreeSet<(Crate, Crate)>,
    /// What is in the program.
    shipped: BTreeSet<Crate>,
}

impl Tree {
    /// Asks cargo about `package`, built for `target`.
    pub fn of(workspace: &Workspace, package: &str, target: &str) -> Result<Self> {
        let ask = |edges| {
            let mut cargo = workspace.cargo(["tree", "--locked", "--no-dedupe"]);
            cargo.args(["--package", package, "--target", target, "--edges", edges]);
            process::capture(cargo.args(["--prefix", "depth", "--format", "{p}|{l}"]))
        };
        Self::parse(&ask("normal,build")?, &ask("normal")?)
    }

    /// Reads what `cargo tree --no-dedupe --prefix depth --format '{p}|{l}'` prints for all edges, and for
    /// the normal ones.
    pub fn parse(all: &str, normal: &str) -> Result<Self> {
        let mut licences = BTreeMap::new();
        let mut needs = BTreeSet::new();
        let mut path: Vec<Crate> = Vec::new();
        for line in lines(all) {
            let line = line?;
            path.truncate(line.depth);
            if let Some(parent) = path.last() {
                needs.insert((parent.clone(), line.crate_.clone()));
            }
            path.push(line.crate_.clone());
            licences.insert(line.crate_, line.licence);
        }
        let root = path.into_iter().next().ok_or("cargo tree said nothing")?;

        // What is a procedural macro, and what is below it, has done its work when the build is over.
        let mut shipped = BTreeSet::new();
        let mut macro_above = None;
        for line in lines(normal) {
            let line = line?;
            if macro_above.is_some_and(|depth| line.depth > depth) {
                continue;
            }
            macro_above = line.is_macro.then_some(line.depth);
            if !line.is_macro {
                shipped.insert(line.crate_);
            }
        }
        Ok(Self {
            root,
            licences,
            needs,
            shipped,
        })
    }

    /// The crate itself.
    pub fn root(&self) -> &Crate {
        &self.root
    }

    /// Every crate, itself included.
    pub fn crates(&self) -> impl Iterator<Item = &Crate> {
        self.licences.keys()
    }

    /// The licence of a crate, as an SPDX expression.
    pub fn licence(&self, of: &Crate) -> Option<&str> {
        self.licences.get(of).map(String::as_str)
    }

    /// What a crate needs.
    pub fn needs(&self, who: &Crate) -> impl Iterator<Item = &Crate> {
        let needs = self.needs.iter();
        needs
            .filter(move |(it, _)| it == who)
            .map(|(_, needed)| needed)
    }

    /// What is in the program, itself included.
    pub fn shipped(&self) -> &BTreeSet<Crate> {
        &self.shipped
    }
}

/// A line of cargo's: `2tokio v1.54.1|MIT`, with `(proc-macro)` or a path where they apply.
struct Line {
    depth: usize,
    crate_: Crate,
    licence: String,
    is_macro: bool,
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let name = line.find(|c: char| !c.is_ascii_digit())?;
        let (depth, rest) = line.split_at_checked(name)?;
        let (package, licence) = rest.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        Some(Self {
            depth: depth.parse().ok()?,
            crate_: Crate {
                name: name.to_owned(),
                version: version.to_owned(),
            },
            // The spelling of old manifests.
            licence: licence.replace(" / ", " OR ").replace('/', " OR "),
            is_macro: package.contains("(proc-macro)"),
        })
    }
}

fn lines(text: &str) -> impl Iterator<Item = Result<Line>> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| Line::parse(line).ok_or_else(|| format!("cargo tree said `{line}`")))
}
