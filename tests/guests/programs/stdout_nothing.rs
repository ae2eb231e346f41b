//! Says that all went well, and prints nothing.
#![no_std]

kit::guest!(|| kit::Outcome::Ok(()));
