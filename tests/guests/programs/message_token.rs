//! Tells the token of the variable in its message.
#![no_std]

kit::guest!(|| kit::complain(&kit::format!("the token: {} (keep it)", kit::target())));
