//! Prints a document with a member that no SDK asks for.
#![no_std]

kit::guest!(|| {
    kit::print(&kit::DOCUMENT.replace("{", "{\"Loot\":\"secret\","));
    kit::Outcome::Ok(())
});
