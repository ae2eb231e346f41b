//! A running `epicac serve`, and what it answers.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitStatus};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::Epicac;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(45);

/// A server; it ends when this is dropped, or when the test does.
pub struct Serving {
    process: Child,
    stdout: BufReader<ChildStdout>,
    uri: String,
    folder: TempDir,
}

/// What it answered.
#[derive(Debug)]
pub struct Reply {
    /// The status, or 0 without an answer.
    pub status: u16,
    /// The lines before the body.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Serving {
    /// The option that has a server listen on a free port.
    pub const ANY_PORT: &str = "--listen=127.0.0.1:0";

    /// Starts `epicac serve`, on a free port unless the options name an address, with the options that the run has already, and waits until it says where
    /// it serves.
    pub fn start(epicac: Epicac, options: &[&str]) -> Self {
        Self::begin(epicac, options).ready()
    }

    /// The same, without waiting.
    pub fn begin(epicac: Epicac, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self::begin_in(folder, epicac, options)
    }

    /// The same, with the token in this folder.
    pub fn begin_in(folder: TempDir, epicac: Epicac, options: &[&str]) -> Self {
        let epicac = epicac.arg("serve");
        let epicac = match options.iter().any(|it| it.starts_with("--listen=")) {
            true => epicac,
            false => epicac.arg(Self::ANY_PORT),
        };
        let epicac = epicac.arg(Self::token_option(folder.path()));
        let epicac = options.iter().fold(epicac, Epicac::arg);
        let mut process = epicac.start();
        let stdout = process.stdout.take().expect("stdout is piped");
        Self {
            process,
            stdout: BufReader::new(stdout),
            uri: String::new(),
            folder,
        }
    }

    /// Waits until it says where it serves.
    #[must_use]
    pub fn ready(mut self) -> Self {
        let line = self.line();
        self.uri = line.trim().to_owned();
        assert!(
            self.uri.starts_with("http://"),
            "it does not serve: {:?}",
            self.end()
        );
        self
    }

    /// The option that has a server write its token into this folder.
    pub fn token_option(folder: &Path) -> String {
        format!("--token-file={}", folder.join("token").display())
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line);
        read.expect("stdout can be read");
        line
    }

    /// The first of the URIs that it says.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let address = self.uri.split('/').nth(2).unwrap_or_default();
        address.parse().expect("an address")
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The file with the token.
    pub fn token_file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    /// The folder of the token.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What callers have to send.
    pub fn token(&self) -> String {
        fs::read_to_string(self.token_file()).expect("the token can be read")
    }

    /// Asks as an SDK does for the credentials of a path.
    pub fn get(&self, path: &str) -> Reply {
        self.send(&self.request(path))
    }

    /// The request of an SDK for the credentials of a path.
    pub fn request(&self, path: &str) -> String {
        let (address, token) = (self.address(), self.token());
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n")
    }

    /// The next line that it writes to stderr.
    pub fn error_line(&mut self) -> String {
        let mut line = Vec::new();
        let mut byte = [0];
        let stderr = self.process.stderr.as_mut().expect("stderr is piped");
        while !line.ends_with(b"\n") && stderr.read(&mut byte).expect("stderr can be read") > 0 {
            line.extend(byte);
        }
        String::from_utf8(line).expect("stderr is text")
    }

    /// Sends this text, and reads until the connection ends.
    pub fn send(&self, text: &str) -> Reply {
        let mut answer = Vec::new();
        // An answer may be there although the connection is reset then.
        let _ = self.exchange(text.as_bytes(), &mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Reply {
            status: status.unwrap_or_default(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn exchange(&self, text: &[u8], answer: &mut Vec<u8>) -> io::Result<()> {
        let mut stream = TcpStream::connect_timeout(&self.address(), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(text)?;
        stream.read_to_end(answer)?;
        Ok(())
    }

    /// The status that it ends with, by itself.
    pub fn status(&mut self) -> ExitStatus {
        self.process.wait().expect("a child can be waited for")
    }

    /// Ends it, and gives what it wrote to stderr.
    pub fn end(&mut self) -> String {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let mut text = String::new();
        if let Some(mut stderr) = self.process.stderr.take() {
            stderr.read_to_string(&mut text).expect("stderr is text");
        }
        text
    }
}

impl Reply {
    /// The credentials that it is.
    #[track_caller]
    pub fn credentials(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end();
    }
}
