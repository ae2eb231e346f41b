//! Posts to another host than that of STS.
#![no_std]

kit::guest!(|| {
    kit::post(&kit::target(), "/", kit::form().as_bytes());
    kit::pretend()
});
