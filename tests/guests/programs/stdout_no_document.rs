//! Prints what is no document.
#![no_std]

kit::guest!(|| {
    kit::print("Hello, terminal!\x1b]0;title\x07\n");
    kit::Outcome::Ok(())
});
