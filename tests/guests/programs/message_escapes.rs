//! Fails with what would paint the terminal, or turn the line around.
#![no_std]

kit::guest!(|| kit::complain("\x1b[2J\x07\0red\r\u{9b}0m \u{202e}detrevni\u{2028}: a (b)"));
