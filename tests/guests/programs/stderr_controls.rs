//! Fails with what would paint the terminal, or turn the line around.
#![no_std]

kit::guest!(|| {
    kit::complain("epicac: \x1b[2J\x07red\r\u{9b}0m \u{202e}detrevni\u{2028}: a (b)\n".as_bytes())
});
