//! Empties the token by opening it.
#![no_std]

use kit::wasi::filesystem::types::{DescriptorFlags, OpenFlags};

kit::guest!(|| {
    let _ = kit::open("token", OpenFlags::TRUNCATE, DescriptorFlags::READ);
    kit::pretend()
});
