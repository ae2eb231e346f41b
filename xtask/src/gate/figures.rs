//! The figures that are held: which there are, how far each may move, and what is said when one has.

use serde_json::{Map, Value};

/// The file with the committed figures: for each processor a number for each key.
pub const FILE: &str = "xtask/gate.json";

/// A figure that does not depend on how fast the machine is.
pub struct Figure {
    /// Its name in the file.
    pub key: &'static str,
    title: &'static str,
    /// How far it may be from the committed one, in per cent.
    tolerance: u64,
    /// What it may never be above.
    limit: u64,
    /// The command that shows why it moved.
    why: &'static str,
}

pub const FIGURES: [Figure; 4] = [
    // Two runs differ by 0.03 %; the rest is code.
    Figure {
        key: "instructions",
        title: "instructions of a cold run",
        tolerance: 3,
        limit: u64::MAX,
        why: "cargo xtask gate --why (callgrind_annotate for a binary with names)",
    },
    // The kernel decides how many pages it maps at once.
    Figure {
        key: "page_faults",
        title: "page faults of a cold run",
        tolerance: 20,
        limit: u64::MAX,
        why: "perf record -e page-faults, for the binary of cargo xtask gate --why",
    },
    // Another patch release of the toolchain moves it by a page or two.
    Figure {
        key: "binary_bytes",
        title: "bytes of the static binary",
        tolerance: 2,
        limit: 4_400_000,
        why: "cargo xtask gate --why (the largest symbols)",
    },
    // 192 KiB, of which a run touches little. It may not grow unnoticed: every byte is one for a reviewer.
    Figure {
        key: "component_bytes",
        title: "bytes of epicac.wasm",
        tolerance: 5,
        limit: 192 << 10,
        why: "wasm-tools objdump target/epicac.wasm",
    },
];

impl Figure {
    /// Compares. The sentence of an `Err` says which figure moved, by how much, and what shows why.
    pub fn compare(&self, committed: Option<u64>, measured: u64) -> Result<String, String> {
        let Self { title, why, .. } = self;
        let now = format!("{title}: {}", grouped(measured));
        if measured > self.limit {
            let limit = grouped(self.limit);
            return Err(format!("{now}, above the limit of {limit}\n  why: {why}"));
        }
        let Some(committed) = committed.filter(|committed| *committed > 0) else {
            return Err(format!(
                "{now}, and {FILE} has none to compare with: cargo xtask gate --bless writes it"
            ));
        };
        let difference = measured.abs_diff(committed);
        // In tenths of a per cent, rounded to the nearest.
        let moved = (difference * 1000 + committed / 2) / committed;
        let sign = if measured < committed { '-' } else { '+' };
        let then = format!(
            "{sign}{}.{} % against the {} of {FILE}, where ± {} % is allowed",
            moved / 10,
            moved % 10,
            grouped(committed),
            self.tolerance
        );
        if difference * 100 <= committed * self.tolerance {
            return Ok(format!("{now}, {then}"));
        }
        Err(format!(
            "{now}, {then}\n  why: {why}\n  if it is meant: cargo xtask gate --bless"
        ))
    }

    /// The committed figure.
    pub fn committed(&self, file: &Value, architecture: &str) -> Option<u64> {
        file.get(architecture)?.get(self.key)?.as_u64()
    }
}

/// Puts these figures in place of those that the processor had.
pub fn bless(file: &mut Value, architecture: &str, measured: &[(&Figure, u64)]) {
    let figures: Map<String, Value> = measured
        .iter()
        .map(|(figure, value)| (figure.key.to_owned(), (*value).into()))
        .collect();
    if let Value::Object(file) = file {
        file.insert(architecture.to_owned(), figures.into());
    }
}

/// `2,398,315`.
pub fn grouped(number: u64) -> String {
    let (rest, last) = (number / 1000, number % 1000);
    if rest == 0 {
        last.to_string()
    } else {
        format!("{},{last:03}", grouped(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_from_both_sides_and_by_its_limit() {
        let [instructions, faults, _, component] = &FIGURES;
        for measured in [970_000, 1_000_000, 1_030_000] {
            assert!(instructions.compare(Some(1_000_000), measured).is_ok());
        }
        for (figure, committed, measured, said) in [
            (
                instructions,
                Some(1_000_000),
                958_000,
                "-4.2 % against the 1,000,000",
            ),
            (
                instructions,
                Some(1_000_000),
                1_030_001,
                "callgrind_annotate",
            ),
            (
                component,
                Some(196_700),
                196_700,
                "above the limit of 196,608",
            ),
            (faults, None, 120, "--bless"),
        ] {
            let why = figure.compare(committed, measured).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn blessing_one_processor_leaves_the_others() {
        let mut file = serde_json::json!({"aarch64": {"page_faults": 9}});
        let [instructions, faults, ..] = &FIGURES;
        bless(&mut file, "x86_64", &[(faults, 7)]);
        assert_eq!(faults.committed(&file, "aarch64"), Some(9));
        assert_eq!(faults.committed(&file, "x86_64"), Some(7));
        assert_eq!(instructions.committed(&file, "x86_64"), None);
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        let numbers = [0, 999, 65_036, 2_398_315].map(grouped);
        assert_eq!(numbers, ["0", "999", "65,036", "2,398,315"]);
    }
}
