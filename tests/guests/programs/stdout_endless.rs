//! Prints without end.
#![no_std]

kit::guest!(|| {
    loop {
        kit::print(kit::DOCUMENT);
    }
});
