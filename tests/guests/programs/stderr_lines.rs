//! Fails with several lines, the second of which pretends to be epicac's.
#![no_std]

kit::guest!(|| kit::complain(b"epicac: first: line (a)\nepicac: second: line (b)\n"));
