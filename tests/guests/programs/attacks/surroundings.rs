//! What does not exist here.

use crate::attacks;
use kit::Outcome;

attacks![env_other_variables, import_arguments,];

/// Reads the variables of the process that it is not granted.
/// Gives credentials only if it sees one of them.
fn env_other_variables() -> Outcome {
    let others = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "HOME", "PATH"];
    if others.iter().all(|name| kit::variable(name).is_empty()) {
        return kit::nothing();
    }
    kit::pretend()
}

/// Reads the arguments of the process.
/// Gives credentials only if it sees one of them.
fn import_arguments() -> Outcome {
    if kit::wasi::cli::environment::get_arguments().is_empty() {
        return kit::nothing();
    }
    kit::pretend()
}
