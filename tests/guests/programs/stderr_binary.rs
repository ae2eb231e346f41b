//! Fails with bytes that are no text.
#![no_std]

kit::guest!(|| kit::complain(b"epicac: \xff\xfe\n"));
