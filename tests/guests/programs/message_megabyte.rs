//! Fails with a message of a megabyte.
#![no_std]

kit::guest!(|| kit::complain(&"x".repeat(1 << 20)));
