//! A resource of the guest's own.

wit_bindgen::generate!({
    inline: "
        package epicac:hoard;
        interface hoard { resource thing { constructor(); } }
        world hoarder { export hoard; }
    ",
    world: "hoarder",
});

pub use exports::epicac::hoard::hoard::Thing;
use exports::epicac::hoard::hoard::{Guest, GuestThing};

struct Hoarder;

impl Guest for Hoarder {
    type Thing = Piece;
}

pub struct Piece;

impl GuestThing for Piece {
    fn new() -> Self {
        Self
    }
}

export!(Hoarder);
