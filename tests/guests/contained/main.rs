//! Guests that try to get out of the sandbox, each in a process of its own, as the program `epicac` would
//! run it. Whatever they try: exit status 1, nothing on stdout, one line on stderr that names the limit or
//! the rule, in time, in little memory, and nobody came to the places that are forbidden. Credentials that can
//! do no harm are let out, as one document and nothing else.
//!
//! A test is named after its guest: a function in `../programs/attacks/`, or `../programs/NAME.rs` or `.wat`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by panicking, and so do the functions it is made of"
)]
#![forbid(unsafe_code)]

mod case;
mod page;
mod place;
mod security;
mod watch;

mod file;
mod http;
mod import;
mod limit;
mod output;
mod sts;
mod trap;
