//! Posts a body that is larger than any form of STS.
#![no_std]

kit::guest!(|| {
    let form = kit::form() + "&Policy=" + &"x".repeat(100_000);
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
});
