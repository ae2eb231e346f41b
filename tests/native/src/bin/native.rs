//! The least that a native program does to print a pod's credentials. It checks nothing, tries nothing again and trusts
//! every answer: it is here to be measured, not to be used.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::{env, fs, io};

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let uri = env::var("AWS_CONTAINER_CREDENTIALS_FULL_URI")?;
    let token = fs::read_to_string(env::var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")?)?;
    let (host, path) = uri
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or("the URI is not http://HOST:PORT/PATH")?;

    let mut stream = TcpStream::connect(host)?;
    let token = token.trim_end();
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or("no response")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err("the endpoint gave no credentials".into());
    }

    let answer: Value = serde_json::from_str(body)?;
    let document = json!({
        "Version": 1,
        "AccessKeyId": answer["AccessKeyId"],
        "SecretAccessKey": answer["SecretAccessKey"],
        "SessionToken": answer["Token"],
        "Expiration": answer["Expiration"],
        "AccountId": answer["AccountId"],
    });
    writeln!(io::stdout(), "{document}")?;
    Ok(())
}
