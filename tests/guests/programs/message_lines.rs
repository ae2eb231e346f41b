//! Fails with 2,000 lines, each of which pretends to be epicac's.
#![no_std]

kit::guest!(|| kit::complain(&"epicac: a: line (b)\r\n".repeat(2_000)));
