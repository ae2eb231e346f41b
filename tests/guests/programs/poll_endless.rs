//! Keeps waiting for what is ready already.
#![no_std]

kit::guest!(|| {
    loop {
        kit::sleep_until(0);
    }
});
