//! behaviour.md, rule by rule, on the built binary and from outside: real sockets, real files, real
//! processes. One file a section, or a part of one; a test is named after its rule.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by panicking, and so do the functions it is made of"
)]
#![forbid(unsafe_code)]

mod cases;

// 1. Which endpoint.
mod endpoint;
mod endpoint_refused;
mod endpoint_tls;
mod link_local;

// 2. The authorization token.
mod token;
mod token_file;
mod token_rotation;

// 3. The request.
mod framing;
mod request;
mod retries;
mod time_budget;

// 4. The response.
mod error_response;
mod expiration;
mod response;

// 5. The output, and the command line around it.
mod command_line;
mod output;
mod start;

// Roles: docs/roles.md.
mod roles;
mod roles_policy;
mod roles_tls;

// The policy, and the second wall: docs/policy.md.
mod kernel;
mod least;
mod policy;
mod policy_refused;
mod wall;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod wall_injected;

// The server: docs/serve.md.
mod serve;
mod serve_bounds;
mod serve_life;
mod serve_policy;

// The verbs: docs/reference.md, docs/doctor.md.
mod config;
mod config_check;
mod config_form;
mod config_source;
mod doctor;
mod doctor_broken;
mod doctor_profile;
mod doctor_token;
mod documentation;
mod folder;
mod golden;
mod install;
mod shell;

// 7. The agent: that the stand-in is one.
mod agent;
mod agent_program;

// The contract: what the component may call and what it offers.
mod world;
