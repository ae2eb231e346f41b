//! A program that does nothing: what starting a process costs by itself.
#![forbid(unsafe_code)]

fn main() {}
