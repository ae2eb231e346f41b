//! Assumes the role for longer than the command line says.
#![no_std]

kit::guest!(|| {
    let form = kit::form() + "&DurationSeconds=43200";
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
});
