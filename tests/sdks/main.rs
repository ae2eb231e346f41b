//! The matrix of SDKs: each real one, with nothing but a pod's environment and an AWS config.
//!
//! profile `dest_role` → `source_profile` → `credential_process` → `sts:AssumeRole` → calls in the other
//! account, against moto as AWS and the stand-in agent as EKS. An SDK is a small application beside this
//! file, which calls AWS once for each line that it is sent. The set-up is that of `cargo xtask test real`, which
//! is why the target is behind the feature `set-up`: a plain `cargo test` could not do it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod flow;
mod habits;
mod no_shell;
mod printed_config;
mod roles;
mod sdk;
mod serve;

use flow::RunBy::{Epicac, WasmtimeRun};

/// The same tests of each SDK.
macro_rules! tests_of {
    ($($name:ident: $sdk:ident),+ $(,)?) => {
        $(
            mod $name {
                use crate::{Epicac, WasmtimeRun, flow, sdk, serve};

                #[test]
                fn calls_the_other_account_and_refreshes_by_epicac() {
                    flow::calls_and_refreshes(stringify!($name), &sdk::$sdk, Epicac);
                }

                #[test]
                fn calls_the_other_account_and_refreshes_by_wasmtime_run() {
                    flow::calls_and_refreshes(stringify!($name), &sdk::$sdk, WasmtimeRun);
                }

                #[test]
                fn shows_the_line_of_each_failure_by_epicac() {
                    flow::shows_each_failure(stringify!($name), &sdk::$sdk, Epicac);
                }

                #[test]
                fn shows_the_line_of_each_failure_by_wasmtime_run() {
                    flow::shows_each_failure(stringify!($name), &sdk::$sdk, WasmtimeRun);
                }

                #[test]
                fn calls_as_whom_it_is_known_to_when_the_process_fails() {
                    flow::without_the_process(stringify!($name), &sdk::$sdk);
                }

                #[test]
                fn calls_the_other_account_and_refreshes_beside_serve() {
                    serve::calls_and_refreshes(stringify!($name), &sdk::$sdk);
                }

                #[test]
                fn fails_when_serve_is_stopped() {
                    serve::without_the_server(stringify!($name), &sdk::$sdk);
                }
            }
        )+
    };
}

tests_of!(
    python: PYTHON,
    aws_cli: AWS_CLI,
    javascript: JAVASCRIPT,
    rust: RUST,
    go: GO,
    java: JAVA,
    ruby: RUBY,
);
