//! Models of the rules that guard secrets, and the same inputs for both: the fast answer of the product must be the naive
//! answer of the model. A model is written from the documentation, by itself: it shares no code with the product.
//!
//! `PROPTEST_CASES` sets the number of inputs.

mod endpoint;
mod gate;
mod policy;

use proptest::prelude::ProptestConfig;

/// Two thousand inputs, unless the environment says another number.
fn config() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(2_000),
    }
}
