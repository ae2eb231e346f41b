//! Assumes a role that the command line does not name.
#![no_std]

kit::guest!(|| {
    let form = kit::form().replace("reader", "administrator");
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
});
