//! Prints a document and a complaint, and then gives credentials.
#![no_std]

kit::guest!(|| {
    kit::print("{\"Version\":1,\"AccessKeyId\":\"printed\"}\n");
    kit::print("epicac: printed: by the component (is it there?)\n");
    kit::pretend()
});
