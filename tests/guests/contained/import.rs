//! What does not exist here.

use crate::case::{contained, says};

contained! {
    env_other_variables: says("there was nothing to take").because("there are no other variables");
    import_arguments: says("there was nothing to take").because("without roles there are none");
    import_stdin: says("wasi:cli/stdin@0.2.0");
    import_exit: says("wasi:cli/exit@0.2.0");
    import_random: says("wasi:random/random@0.2.0");
    import_socket: says("wasi:sockets/tcp@0.2.0");
    import_lookup: says("wasi:sockets/network@0.2.0");
}
