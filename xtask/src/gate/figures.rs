//! The figures that the gate compares, and how far each may move.

use serde_json::{Map, Value};

/// The file with the committed figures: for each processor a number for each key.
pub const FILE: &str = "xtask/gate.json";

/// A figure of a cold run, or of what is built, that does not depend on how fast the machine is.
pub struct Figure {
    /// Its name in the file.
    key: &'static str,
    /// How far it may be from the committed one, in per cent.
    tolerance: f64,
    /// What it may never be above.
    limit: u64,
}

pub const FIGURES: [Figure; 4] = [
    // Two runs differ by 0.03 %; the rest is code.
    Figure {
        key: "instructions",
        tolerance: 3.0,
        limit: u64::MAX,
    },
    // The kernel decides how many pages it maps at once.
    Figure {
        key: "page_faults",
        tolerance: 20.0,
        limit: u64::MAX,
    },
    // Another patch release of the toolchain moves it by a page or two.
    Figure {
        key: "binary_bytes",
        tolerance: 2.0,
        limit: 4_000_000,
    },
    // 192 KiB, of which a run touches little. It may not grow unnoticed: every byte is one for a reviewer.
    Figure {
        key: "component_bytes",
        tolerance: 5.0,
        limit: 192 << 10,
    },
];

impl Figure {
    /// Compares. The sentence of an `Err` says which figure moved, and by how much.
    pub fn compare(&self, committed: Option<u64>, measured: u64) -> Result<String, String> {
        let Self { key, limit, .. } = self;
        let now = format!("{key}: {measured}");
        if measured > *limit {
            return Err(format!("{now}, above the limit of {limit}"));
        }
        let Some(committed) = committed.filter(|committed| *committed > 0) else {
            return Err(format!(
                "{now}, and {FILE} has none to compare with: cargo xtask gate --bless writes it"
            ));
        };
        let moved = (measured as f64 / committed as f64 - 1.0) * 100.0;
        let tolerance = self.tolerance;
        let then = format!(
            "{now}, {moved:+.1} % against the {committed} of {FILE}, where ± {tolerance} % is allowed"
        );
        if moved.abs() <= tolerance {
            Ok(then)
        } else {
            Err(format!("{then} (if it is meant: cargo xtask gate --bless)"))
        }
    }

    /// The committed figure.
    pub fn committed(&self, file: &Value, architecture: &str) -> Option<u64> {
        file.get(architecture)?.get(self.key)?.as_u64()
    }
}

/// Puts the values of [`FIGURES`] in place of those that the processor had.
pub fn bless(file: &mut Value, architecture: &str, measured: [u64; 4]) {
    let keys = FIGURES.iter().map(|figure| figure.key.to_owned());
    let figures: Map<String, Value> = keys.zip(measured.map(Value::from)).collect();
    if let Value::Object(file) = file {
        file.insert(architecture.to_owned(), figures.into());
    }
}

/// The number in callgrind's line `==1234== Collected : 2398315`.
pub fn collected(said: &str) -> Option<u64> {
    let (_, number) = said.split_once("Collected : ")?;
    number.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_from_both_sides_and_by_its_limit() {
        let [instructions, faults, _, component] = &FIGURES;
        for measured in [970_001, 1_000_000, 1_029_999] {
            assert!(instructions.compare(Some(1_000_000), measured).is_ok());
        }
        for (figure, committed, measured, said) in [
            (
                instructions,
                Some(1_000_000),
                958_000,
                "-4.2 % against the 1000000",
            ),
            (instructions, Some(1_000_000), 1_030_001, "--bless"),
            (
                component,
                Some(196_700),
                196_700,
                "above the limit of 196608",
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
        bless(&mut file, "x86_64", [1, 7, 2, 3]);
        assert_eq!(faults.committed(&file, "aarch64"), Some(9));
        assert_eq!(faults.committed(&file, "x86_64"), Some(7));
        assert_eq!(instructions.committed(&file, "aarch64"), None);
    }

    #[test]
    fn callgrind_says_how_many_instructions_it_counted() {
        let said = "==7== Events    : Ir\n==7== Collected : 2398315\n==7== \n";
        assert_eq!(collected(said), Some(2_398_315));
        assert_eq!(collected("==7== Command: epicac\n"), None);
    }
}
