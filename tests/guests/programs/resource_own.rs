//! Makes a million resources of a type of its own, which the runtime has to remember.
#![no_std]

extern crate alloc;

mod hoard {
    wit_bindgen::generate!({
        inline: "
            package epicac:hoard;
            interface hoard { resource thing { constructor(); } }
            world hoarder { export hoard; }
        ",
        world: "hoarder",
    });

    pub use exports::epicac::hoard::hoard::{Guest, GuestThing, Thing};

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
}

kit::guest!(|| {
    for _ in 0..1_000_000 {
        core::mem::forget(hoard::Thing::new(hoard::Piece));
    }
    kit::pretend()
});
