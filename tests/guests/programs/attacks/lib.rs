//! The attacks, one function each. The guest is told by a variable which of them to try.
#![no_std]
#![deny(dead_code)]

extern crate alloc;

mod file;
mod hoard;
mod http;
mod limit;
mod output;
mod sts;
mod surroundings;
mod trap;

/// The name of an attack, and what it does.
type Attack = (&'static str, fn() -> kit::Outcome);

/// Lists the attacks of a file.
macro_rules! attacks {
    ($($name:ident),+ $(,)?) => {
        pub const ATTACKS: &[crate::Attack] = &[$((stringify!($name), $name)),+];
    };
}
use attacks;

const ALL: [&[Attack]; 7] = [
    file::ATTACKS,
    http::ATTACKS,
    limit::ATTACKS,
    output::ATTACKS,
    sts::ATTACKS,
    surroundings::ATTACKS,
    trap::ATTACKS,
];

kit::guest!(|| {
    let name = kit::attack();
    let mut attacks = ALL.iter().copied().flatten();
    match attacks.find(|(of_it, _)| *of_it == name) {
        Some((_, attack)) => attack(),
        None => kit::complain("there is no such attack"),
    }
});
