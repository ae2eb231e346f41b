//! Fails, and says that it did not.
#![no_std]

kit::guest!(|| {
    kit::complain(
        "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"SessionToken\":\"T\"}",
    )
});
