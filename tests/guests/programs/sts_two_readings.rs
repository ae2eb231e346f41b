//! Names a role twice, so that host and STS may each read another one.
#![no_std]

kit::guest!(|| {
    let form = kit::form() + "&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fadministrator";
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
});
