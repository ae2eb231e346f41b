//! The figures that are held: which there are, how far each may move, and what is said when it has.

use serde_json::{Map, Value};

/// The file with the committed figures, from the root of the workspace.
pub const FILE: &str = "xtask/gate.json";

/// A figure that does not depend on how fast the machine is.
#[derive(Debug)]
pub struct Figure {
    /// Its name in the file.
    pub key: &'static str,
    title: &'static str,
    /// How far it may be from the committed one, in thousandths of that.
    tolerance: u64,
    /// What it may never be above.
    limit: Option<u64>,
    /// The command that shows why it moved.
    why: &'static str,
}

/// What callgrind counts: 0.03 % between two runs, and the rest is code.
pub const INSTRUCTIONS: Figure = Figure {
    key: "instructions",
    title: "instructions of a cold run",
    tolerance: 30,
    limit: None,
    why: "cargo xtask gate --why (it runs callgrind_annotate on a binary with names)",
};
/// A band: how many pages the kernel maps at once is its own affair.
pub const PAGE_FAULTS: Figure = Figure {
    key: "page_faults",
    title: "page faults of a cold run",
    tolerance: 200,
    limit: None,
    why: "perf record -e page-faults target/gate/epicac-with-names, and cargo xtask gate --why for that binary",
};
/// Another patch release of the toolchain moves it by a page or two.
pub const BINARY_BYTES: Figure = Figure {
    key: "binary_bytes",
    title: "bytes of the static binary",
    tolerance: 20,
    limit: Some(4_000_000),
    why: "cargo xtask gate --why (it lists the largest symbols by nm)",
};
/// 192 KiB, of which a run touches little. It may not grow unnoticed: every byte is one for a reviewer.
pub const COMPONENT_BYTES: Figure = Figure {
    key: "component_bytes",
    title: "bytes of epicac.wasm",
    tolerance: 50,
    limit: Some(192 << 10),
    why: "wasm-tools objdump target/epicac.wasm",
};

pub const FIGURES: [&Figure; 4] = [&INSTRUCTIONS, &PAGE_FAULTS, &BINARY_BYTES, &COMPONENT_BYTES];

impl Figure {
    /// Compares; the sentence of an `Err` says which figure moved, by how much, and what shows why.
    pub fn compare(&self, committed: Option<u64>, measured: u64) -> Result<String, String> {
        let Self { title, why, .. } = self;
        let now = format!("{title}: {}", grouped(measured));
        if let Some(limit) = self.limit.filter(|limit| measured > *limit) {
            let limit = grouped(limit);
            return Err(format!("{now}, above the limit of {limit}\n  why: {why}"));
        }
        let Some(committed) = committed else {
            return Err(format!(
                "{now}, and {FILE} has none to compare with: cargo xtask gate --bless writes it"
            ));
        };
        let moved = moved(committed, measured);
        let then = format!("{moved} the {} of {FILE}", grouped(committed));
        let allowed = format!("± {} %", percent(self.tolerance));
        if measured.abs_diff(committed) * 1000 <= committed * self.tolerance {
            return Ok(format!("{now}, {then} ({allowed})"));
        }
        Err(format!(
            "{now}, {then}, where {allowed} is allowed\n  why: {why}\n  if it is meant: cargo xtask gate --bless"
        ))
    }
}

/// The committed figures: for each architecture a number for each key.
#[derive(Default)]
pub struct Committed(Map<String, Value>);

impl Committed {
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| format!("{FILE}: {error}"))
    }

    pub fn get(&self, architecture: &str, figure: &Figure) -> Option<u64> {
        self.0.get(architecture)?.get(figure.key)?.as_u64()
    }

    /// Puts these figures in place of those that the architecture had.
    pub fn set(&mut self, architecture: &str, measured: &[(&Figure, u64)]) {
        let figures: Map<String, Value> = measured
            .iter()
            .map(|(figure, value)| (figure.key.to_owned(), (*value).into()))
            .collect();
        self.0.insert(architecture.to_owned(), figures.into());
    }

    /// The file's text.
    pub fn text(&self) -> String {
        format!("{:#}\n", Value::Object(self.0.clone()))
    }
}

/// `4.2 % more than`, in thousandths rounded to the nearest.
fn moved(committed: u64, measured: u64) -> String {
    let thousandths = (measured.abs_diff(committed) * 1000 + committed / 2) / committed.max(1);
    match measured.cmp(&committed) {
        std::cmp::Ordering::Equal => "exactly".to_owned(),
        std::cmp::Ordering::Greater => format!("{} % more than", percent(thousandths)),
        std::cmp::Ordering::Less => format!("{} % less than", percent(thousandths)),
    }
}

fn percent(thousandths: u64) -> String {
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

/// `2,398,315`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_within_its_tolerance_passes_on_either_side() {
        for measured in [970_000, 1_000_000, 1_030_000] {
            assert!(INSTRUCTIONS.compare(Some(1_000_000), measured).is_ok());
        }
    }

    #[test]
    fn a_figure_that_moved_is_named_with_by_how_much_and_what_shows_why() {
        let why = INSTRUCTIONS
            .compare(Some(1_000_000), 1_042_000)
            .unwrap_err();
        for part in [
            "instructions of a cold run: 1,042,000",
            "4.2 % more than the 1,000,000",
            "± 3.0 %",
            "callgrind_annotate",
            "--bless",
        ] {
            assert!(why.contains(part), "{part}: {why}");
        }
        let why = INSTRUCTIONS.compare(Some(1_000_000), 900_000).unwrap_err();
        assert!(why.contains("10.0 % less than"), "{why}");
    }

    #[test]
    fn a_limit_holds_whatever_was_committed() {
        let why = COMPONENT_BYTES.compare(Some(196_700), 196_700).unwrap_err();
        assert!(why.contains("above the limit of 196,608"), "{why}");
        assert!(COMPONENT_BYTES.compare(Some(100_000), 105_000).is_ok());
        assert!(COMPONENT_BYTES.compare(Some(100_000), 105_101).is_err());
        assert!(
            BINARY_BYTES
                .compare(None, 4_000_001)
                .unwrap_err()
                .contains("limit")
        );
    }

    #[test]
    fn a_figure_that_was_never_committed_is_a_failure() {
        let why = PAGE_FAULTS.compare(None, 120).unwrap_err();
        assert!(why.contains("--bless"), "{why}");
    }

    #[test]
    fn blessing_one_architecture_leaves_the_others() {
        let mut committed = Committed::parse(r#"{"aarch64":{"page_faults":9}}"#).unwrap();
        committed.set("x86_64", &[(&PAGE_FAULTS, 7)]);
        let again = Committed::parse(&committed.text()).unwrap();
        assert_eq!(again.get("aarch64", &PAGE_FAULTS), Some(9));
        assert_eq!(again.get("x86_64", &PAGE_FAULTS), Some(7));
        assert_eq!(again.get("x86_64", &INSTRUCTIONS), None);
        assert!(Committed::parse("[]").is_err());
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(65_536), "65,536");
        assert_eq!(grouped(2_398_315), "2,398,315");
    }
}
