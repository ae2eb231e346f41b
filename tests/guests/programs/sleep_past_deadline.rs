//! Prints a document, then sleeps for ever.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    kit::sleep_until(u64::MAX);
    Ok(())
});
