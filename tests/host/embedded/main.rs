//! The host that docs/embedding.md shows: what it gets when all is granted, and the error that names what
//! is missing when something is not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by panicking"
)]
#![allow(
    unsafe_code,
    reason = "compiled components are loaded, and Wasmtime cannot tell what they are"
)]

use std::path::Path;

use epicac_embedding::{Cause, CredentialsError, Epicac};
use epicac_tests::credentials::ACCESS_KEY_ID;
use epicac_tests::{Agent, Pod};
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/epicac.cwasm"));

/// The variables of a pod, and what of the rest is granted.
struct Grants<'a> {
    endpoint: Option<String>,
    token_file: Option<&'a Path>,
    folder: Option<&'a Path>,
    url: String,
}

impl<'a> Grants<'a> {
    fn all(pod: &'a Pod, token_file: &'a Path) -> Self {
        Self {
            endpoint: Some(pod.agent.url()),
            token_file: Some(token_file),
            folder: Some(pod.folder()),
            url: pod.agent.url(),
        }
    }

    fn instance(&self) -> Epicac {
        let mut wasi = WasiCtxBuilder::new();
        if let Some(endpoint) = &self.endpoint {
            wasi.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint);
        }
        if let Some(file) = self.token_file {
            wasi.env(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                file.to_str().unwrap(),
            );
        }
        if let Some(folder) = self.folder {
            let name = folder.to_str().unwrap();
            wasi.preopened_dir(folder, name, FsPerms::ReadOnly).unwrap();
        }
        let engine = Engine::default();
        // SAFETY: the bytes are what the build script compiled, for an engine of the same configuration.
        let component = unsafe { Component::deserialize(&engine, COMPILED) }.unwrap();
        Epicac::new(&engine, &component, wasi.build(), &self.url).unwrap()
    }
}

fn error(grants: &Grants<'_>) -> CredentialsError {
    let mut epicac = grants.instance();
    epicac.get_credentials().unwrap().unwrap_err()
}

#[test]
fn a_host_gets_credentials_and_writes_them_as_a_process_does() {
    let pod = Pod::new();
    let token_file = pod.token_file();
    let mut epicac = Grants::all(&pod, &token_file).instance();
    let credentials = epicac.get_credentials().unwrap().unwrap();
    assert_eq!(credentials.access_key_id, ACCESS_KEY_ID);
    let document = epicac.to_process(&credentials).unwrap().unwrap();
    assert!(document.starts_with("{\"Version\":1,"), "{document}");
    let kept = epicac.refreshed(credentials).unwrap().unwrap();
    assert_eq!(pod.agent.requests().len(), 1, "the caller keeps them");
    epicac.get_credentials().unwrap().unwrap();
    assert_eq!(pod.agent.requests().len(), 2, "the instance does not");
    let mut old = kept;
    old.expiration.seconds = 0;
    epicac.refreshed(old).unwrap().unwrap();
    assert_eq!(pod.agent.requests().len(), 3);
}

#[test]
fn without_an_environment_there_is_no_endpoint() {
    let nothing = Grants {
        endpoint: None,
        token_file: None,
        folder: None,
        url: String::new(),
    };
    let error = error(&nothing);
    assert_eq!(error.cause, Cause::NoEndpoint, "{error:?}");
    assert!(
        error.message.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        "{error:?}"
    );
}

#[test]
fn without_files_the_error_names_the_token_file() {
    let pod = Pod::new();
    let token_file = pod.token_file();
    let error = error(&Grants {
        folder: None,
        ..Grants::all(&pod, &token_file)
    });
    assert_eq!(error.cause, Cause::InvalidToken, "{error:?}");
    let told = format!(
        "{}: the runtime grants no folder that holds it",
        token_file.display()
    );
    assert!(error.message.contains(&told), "{error:?}");
    assert_eq!(pod.agent.connections(), 0);
}

#[test]
fn without_http_the_error_says_that_the_request_was_denied() {
    let pod = Pod::new();
    let other = Agent::start().unwrap();
    let token_file = pod.token_file();
    let error = error(&Grants {
        url: other.url(),
        ..Grants::all(&pod, &token_file)
    });
    assert_eq!(error.cause, Cause::RequestDenied, "{error:?}");
    assert!(error.message.starts_with("request denied: "), "{error:?}");
    assert_eq!(pod.agent.connections(), 0);
}
