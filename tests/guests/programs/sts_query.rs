//! Puts another role into the query of the URL.
#![no_std]

kit::guest!(|| {
    kit::post(
        &kit::sts(),
        "/?RoleArn=arn:aws:iam::111111111111:role/administrator",
        kit::form().as_bytes(),
    );
    kit::pretend()
});
