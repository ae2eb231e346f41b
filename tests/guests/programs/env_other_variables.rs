//! Reads the variables of the process that are none of its business.
//! Gives credentials only if it sees one of them.
#![no_std]

kit::guest!(|| {
    let others = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "HOME", "PATH"];
    if others.iter().all(|name| kit::variable(name).is_empty()) {
        return kit::nothing();
    }
    kit::pretend()
});
