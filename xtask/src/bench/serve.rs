//! `cargo xtask bench --scale`: many callers of one `epicac serve`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::agent::Agent;
use crate::{Result, file};

/// A server that assumes a role, on a free port; it ends when this is dropped.
pub struct Server {
    process: Child,
    address: String,
    request: String,
}

impl Server {
    /// Starts it beside this agent, which stands in for STS, too. The token of callers lies in `folder`.
    pub fn start(host: &Path, agent: &Agent, folder: &Path) -> Result<Self> {
        let sts = agent.sts.as_ref().ok_or("there is no stand-in for STS")?;
        let token_file = folder.join("callers-token");
        let mut command = Command::new(host);
        command
            .env_clear()
            .envs(agent.environment())
            .env("AWS_ENDPOINT_URL_STS", sts)
            .args(["serve", "--listen=127.0.0.1:0", "--token-file"])
            .arg(&token_file)
            .args(["--region=eu-central-1", "--role-arn"])
            .arg("arn:aws:iam::222222222222:role/dest")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let process = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", host.display()))?;
        let mut server = Self {
            process,
            address: String::new(),
            request: String::new(),
        };
        let stdout = server.process.stdout.take();
        let mut line = String::new();
        let read = BufReader::new(stdout.ok_or("it has no stdout")?).read_line(&mut line);
        read.map_err(|error| format!("cannot read where it serves: {error}"))?;
        let uri = line.trim().strip_prefix("http://").unwrap_or_default();
        let (address, path) = uri
            .split_once('/')
            .ok_or_else(|| format!("it says `{line}`, not where it serves"))?;
        let token = file::read(&token_file)?;
        server.request =
            format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n");
        server.address = address.to_owned();
        Ok(server)
    }

    /// Asks for the credentials, and tells how long that took, in ms.
    pub fn ask(&self) -> Result<f64> {
        let start = Instant::now();
        let mut answer = Vec::new();
        let mut asked = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(&self.address)?;
            stream.write_all(self.request.as_bytes())?;
            stream.read_to_end(&mut answer).map(drop)
        };
        asked().map_err(|error| format!("no answer: {error}"))?;
        match answer.starts_with(b"HTTP/1.1 200 ") {
            true => Ok(start.elapsed().as_secs_f64() * 1e3),
            false => Err(String::from_utf8_lossy(&answer).into_owned()),
        }
    }

    /// The most memory that it had so far, in MiB.
    pub fn peak_mib(&self) -> Result<f64> {
        let status = file::read(format!("/proc/{}/status", self.process.id()).as_ref())?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0)
            .ok_or_else(|| format!("the status of the server is `{status}`"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
