//! Prints without end.
#![no_std]

kit::guest!(|| {
    loop {
        kit::print("Hello, terminal!\x1b]0;title\x07\n");
    }
});
