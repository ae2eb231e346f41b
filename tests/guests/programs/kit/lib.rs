//! What the programs are made of: the bindings, and the few steps that most of them take.
//!
//! A program never gives up by itself. Whatever was refused to it, it goes on, and gives credentials that the
//! host would print: were it not held, it would be seen.
#![no_std]

extern crate alloc;

mod memory;

/// The bindings of a world that is wider than that of epicac.
pub mod bindings {
    wit_bindgen::generate!({
        path: [
            "../../../wit/deps/io.wit",
            "../../../wit/deps/clocks.wit",
            "wider/cli.wit",
            "wider/filesystem.wit",
            "wider/http.wit",
            "wider/random.wit",
            "wider/sockets.wit",
            "../../../wit/world.wit",
            "wider/world.wit",
        ],
        world: "epicac:guests/guest",
        generate_all,
        pub_export_macro: true,
        default_bindings_module: "kit::bindings",
    });
}

pub use alloc::{format, string::String, string::ToString, vec, vec::Vec};
pub use bindings::exports::epicac::credentials::types::{Cause, Credentials, Error};
pub use bindings::wasi;

use wasi::cli::environment::get_environment;
use wasi::cli::{stderr::get_stderr, stdout::get_stdout};
use wasi::clocks::monotonic_clock::subscribe_instant;
use wasi::clocks::wall_clock::Datetime;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasi::io::poll::poll;
use wasi::io::streams::{OutputStream, StreamError};

/// Makes a function without arguments what the component answers by.
#[macro_export]
macro_rules! guest {
    ($run:expr) => {
        struct Program;

        impl $crate::bindings::exports::epicac::credentials::provider::Guest for Program {
            fn get_credentials() -> $crate::Outcome {
                $run()
            }
        }

        $crate::bindings::export!(Program with_types_in $crate::bindings);
    };
}

/// What every program returns.
pub type Outcome = Result<Credentials, Error>;

/// Credentials that the host prints, of the year 2090.
pub fn credentials() -> Credentials {
    Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".to_string(),
        secret_access_key: "stolen".to_string(),
        session_token: "stolen".to_string(),
        expiration: expiration(3_786_912_000),
        account_id: None,
    }
}

/// A moment, in seconds since 1970.
pub fn expiration(seconds: u64) -> Datetime {
    Datetime {
        seconds,
        nanoseconds: 0,
    }
}

/// Gives good credentials, as if nothing had been.
pub fn pretend() -> Outcome {
    Ok(credentials())
}

/// Fails with this message.
pub fn complain(message: &str) -> Outcome {
    Err(Error {
        cause: Cause::Refused,
        message: message.to_string(),
        status: Some(403),
    })
}

/// Fails because there was nothing to take.
pub fn nothing() -> Outcome {
    Err(().into())
}

impl From<()> for Error {
    fn from((): ()) -> Self {
        Error {
            cause: Cause::NoEndpoint,
            message: "nothing: there was nothing to take (look elsewhere)".to_string(),
            status: None,
        }
    }
}

/// A variable that the host grants, or nothing.
pub fn variable(name: &str) -> String {
    let mut all = get_environment().into_iter();
    all.find(|(key, _)| key == name)
        .map_or(String::new(), |(_, value)| value)
}

/// The variable by which the test tells an attack and its target, as `attack/target`. It is granted.
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// The name of the attack that the test wants to be tried.
pub fn attack() -> String {
    let token = variable(TOKEN);
    let (attack, _) = token.split_once('/').unwrap_or_default();
    attack.to_string()
}

/// What the attack is to reach: a place, or the text of the token.
pub fn target() -> String {
    let token = variable(TOKEN);
    let (_, target) = token.split_once('/').unwrap_or_default();
    target.to_string()
}

/// The endpoint's authority and path.
pub fn endpoint() -> (String, String) {
    let uri = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    (authority.to_string(), format!("/{path}"))
}

/// Sends a GET.
pub fn send(scheme: Scheme, authority: &str, path: &str) -> Option<FutureIncomingResponse> {
    let request = OutgoingRequest::new(Fields::from_list(&[]).ok()?);
    let _ = request.set_scheme(Some(&scheme));
    let _ = request.set_authority(Some(authority));
    let _ = request.set_path_with_query(Some(path));
    handle(request, None).ok()
}

/// The host and port of the STS that the host is to be asked at.
pub fn sts() -> String {
    let url = variable("AWS_ENDPOINT_URL_STS");
    url.split_once("://")
        .map_or(String::new(), |(_, rest)| rest.to_string())
}

/// The form of what the command line asks of STS.
pub fn form() -> String {
    const FORM: &str = concat!(
        "Action=AssumeRole&Version=2011-06-15",
        "&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Freader",
        "&RoleSessionName=guest&ExternalId=an-id"
    );
    FORM.to_string()
}

/// Sends a POST and waits for what comes of it.
pub fn post(authority: &str, path: &str, body: &[u8]) {
    send_body(&Method::Post, authority, path, body);
}

/// Sends a request with a body and waits for what comes of it.
pub fn send_body(method: &Method, authority: &str, path: &str, body: &[u8]) {
    let Ok(fields) = Fields::from_list(&[]) else {
        return;
    };
    let request = OutgoingRequest::new(fields);
    let _ = request.set_method(method);
    let _ = request.set_scheme(Some(&Scheme::Http));
    let _ = request.set_authority(Some(authority));
    let _ = request.set_path_with_query(Some(path));
    let (Ok(outgoing), options) = (request.body(), None) else {
        return;
    };
    let Ok(future) = handle(request, options) else {
        return;
    };
    if let Ok(stream) = outgoing.write() {
        let _ = write(&stream, body);
    }
    let _ = OutgoingBody::finish(outgoing, None);
    poll(&[&future.subscribe()]);
    let _ = future.get();
}

/// Sends a GET and waits for the head of its response.
pub fn get(scheme: Scheme, authority: &str, path: &str) -> Option<IncomingResponse> {
    let future = send(scheme, authority, path)?;
    poll(&[&future.subscribe()]);
    future.get()?.ok()?.ok()
}

/// Opens a path below the first granted folder.
pub fn open(path: &str, how: OpenFlags, what: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
    let folders = get_directories();
    let (folder, _) = folders.first().ok_or(ErrorCode::NoEntry)?;
    folder.open_at(PathFlags::SYMLINK_FOLLOW, path, how, what)
}

/// Opens a path to read.
pub fn open_to_read(path: &str) -> Result<Descriptor, ErrorCode> {
    open(path, OpenFlags::empty(), DescriptorFlags::READ)
}

/// Waits for so many nanoseconds of the clock's own count.
pub fn sleep_until(moment: u64) {
    poll(&[&subscribe_instant(moment)]);
}

/// Prints to standard output and to standard error.
pub fn print(text: &str) {
    for stream in [get_stdout(), get_stderr()] {
        let _ = write(&stream, text.as_bytes());
    }
}

fn write(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    bytes
        .chunks(4096)
        .try_for_each(|piece| stream.blocking_write_and_flush(piece))
}
