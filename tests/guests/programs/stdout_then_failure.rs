//! Prints a document, and fails.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    kit::complain(b"epicac: changed my mind: so there (nothing)\n")
});
