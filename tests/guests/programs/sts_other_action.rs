//! Asks STS for something else than a role.
#![no_std]

kit::guest!(|| {
    let form = kit::form().replace("AssumeRole", "GetFederationToken");
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
});
