//! Where the things lie that the tests of adoption look at, and whom they ask about them.
#![forbid(unsafe_code)]

pub mod ask;
pub mod image;
pub mod isolated;
pub mod markdown;
pub mod place;
