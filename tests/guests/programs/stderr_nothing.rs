//! Fails without a word.
#![no_std]

kit::guest!(|| kit::Outcome::Err(()));
