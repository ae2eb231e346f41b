//! Prints a document and a few bytes more.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    kit::print("\0");
    kit::Outcome::Ok(())
});
