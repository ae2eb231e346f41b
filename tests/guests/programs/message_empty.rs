//! Fails without a word that could be seen.
#![no_std]

kit::guest!(|| kit::complain(" \n\u{200b}"));
