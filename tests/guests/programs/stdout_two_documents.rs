//! Prints two documents.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    kit::pretend()
});
