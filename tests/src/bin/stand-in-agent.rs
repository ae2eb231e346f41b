//! The stand-in Pod Identity agent as a program, for demonstrations and for tests that need it in another
//! network namespace.
#![forbid(unsafe_code)]

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use epicac_tests::agent::{Agent, Rules};
use epicac_tests::sts::Sts;
use epicac_tests::{Request, test_token};

const USAGE: &str = "\
A stand-in for the EKS Pod Identity Agent: it serves made-up credentials over HTTP.

Usage: stand-in-agent [OPTIONS] [-- COMMAND [ARGUMENTS]]

  --listen ADDRESS      listen here, for example 127.0.0.1:8080 or [::1]:0; may be repeated
                        (default: 127.0.0.1, any free port)
  --sts ADDRESS         stand in for AWS STS, too, and listen there; no signature is verified
  --host NAME           also accept this host in requests, without port; may be repeated
  --account-id ID       the account of the credentials
  --expires-in SECONDS  how long the credentials and the token are valid (default: 21600);
                        a negative number makes both expired
  --requests-per-second N
                        how many requests are answered in the long run (default: 1000, as the real agent)
  --burst N             how many requests are answered at once (default: half of those of a second)
  --write-token FILE    write a service account token to this file
  --log FILE            append one JSON object a request, without the value of Authorization
  --help                print this

With a COMMAND, the agent is up while the command runs, and ends with its exit status. The variables
that EKS injects into a pod are set for it, where they are not set already. Without one, the agent
prints `listening on URL` for each address, and for STS `sts on URL`, and runs until its standard
input ends.
";

/// What the command line asks for.
#[derive(Default)]
struct Options {
    listen: Vec<SocketAddr>,
    sts: Option<SocketAddr>,
    hosts: Vec<String>,
    account_id: Option<String>,
    expires_in: Option<i64>,
    requests_per_second: Option<u32>,
    burst: Option<u32>,
    write_token: Option<PathBuf>,
    log: Option<PathBuf>,
    command: Option<(OsString, Vec<OsString>)>,
    help: bool,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("stand-in-agent: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    run(&options).unwrap_or_else(|error| {
        eprintln!("stand-in-agent: {error}");
        ExitCode::FAILURE
    })
}

fn run(options: &Options) -> io::Result<ExitCode> {
    if let Some(file) = &options.write_token {
        let token = test_token(options.expires_in.unwrap_or(Rules::default().expires_in));
        std::fs::write(file, token).map_err(|error| at(file.display(), &error))?;
    }
    let log = match &options.log {
        Some(path) => {
            let file = File::options().create(true).append(true).open(path);
            Some(Arc::new(file.map_err(|error| at(path.display(), &error))?))
        }
        None => None,
    };
    let any = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    let addresses = if options.listen.is_empty() {
        &any[..]
    } else {
        &options.listen
    };
    let mut agents = Vec::new();
    for address in addresses {
        let agent = Agent::with_rules(*address, rules(options));
        let agent = agent.map_err(|error| at(format!("cannot listen on {address}"), &error))?;
        if let Some(log) = log.clone() {
            agent.handle(move |request| {
                let _ = (&*log).write_all(line(request).as_bytes());
                None
            });
        }
        agents.push(agent);
    }
    let sts = match options.sts {
        Some(address) => {
            let sts = Sts::listen(address);
            Some(sts.map_err(|error| at(format!("cannot listen on {address}"), &error))?)
        }
        None => None,
    };
    let Some((program, arguments)) = &options.command else {
        let mut stdout = io::stdout();
        for agent in &agents {
            writeln!(stdout, "listening on {}", agent.url())?;
        }
        if let Some(sts) = &sts {
            writeln!(stdout, "sts on {}", sts.url())?;
        }
        stdout.flush()?;
        io::copy(&mut io::stdin(), &mut io::sink())?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut command = Command::new(program);
    command.args(arguments);
    let mut offer = |name: &str, value: &OsStr| {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    };
    if let Some(agent) = agents.first() {
        offer("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url().as_ref());
    }
    if let Some(file) = &options.write_token {
        offer("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.as_ref());
    }
    let status = command
        .status()
        .map_err(|error| at(program.display(), &error))?;
    // As a shell tells it: 128 and the signal.
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    Ok(ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    ))
}

fn rules(options: &Options) -> Rules {
    let mut rules = Rules::default();
    rules.hosts.extend(options.hosts.iter().cloned());
    if let Some(account_id) = &options.account_id {
        rules.account_id.clone_from(account_id);
    }
    if let Some(expires_in) = options.expires_in {
        rules.expires_in = expires_in;
    }
    if let Some(requests_per_second) = options.requests_per_second {
        rules.requests_per_second = requests_per_second;
    }
    rules.burst = options.burst;
    rules
}

fn line(request: &Request) -> String {
    let headers = request.headers.iter().map(|(name, value)| {
        let secret = name.eq_ignore_ascii_case("Authorization");
        (name, if secret { "[redacted]" } else { value })
    });
    let headers: Vec<_> = headers.collect();
    let line = serde_json::json!({
        "method": request.method, "target": request.target, "headers": headers,
    });
    format!("{line}\n")
}

fn at(place: impl std::fmt::Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{place}: {error}"))
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let name = argument.to_str().unwrap_or_default();
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        match name {
            "--listen" => options.listen.push(parsed(name, &value()?)?),
            "--sts" => options.sts = Some(parsed(name, &value()?)?),
            "--host" => options.hosts.push(parsed(name, &value()?)?),
            "--account-id" => options.account_id = Some(parsed(name, &value()?)?),
            "--expires-in" => options.expires_in = Some(parsed(name, &value()?)?),
            "--requests-per-second" => {
                options.requests_per_second = Some(parsed(name, &value()?)?);
            }
            "--burst" => options.burst = Some(parsed(name, &value()?)?),
            "--write-token" => options.write_token = Some(value()?.into()),
            "--log" => options.log = Some(value()?.into()),
            "--help" | "-h" => options.help = true,
            "--" => {
                let program = arguments.next().ok_or("-- needs a command after it")?;
                options.command = Some((program, arguments.collect()));
                return Ok(options);
            }
            _ => return Err(format!("unknown argument {}", argument.display())),
        }
    }
    Ok(options)
}

fn parsed<T: std::str::FromStr>(name: &str, value: &OsStr) -> Result<T, String> {
    let text = value.to_str().and_then(|text| text.parse().ok());
    text.ok_or(format!("{name} does not take {}", value.display()))
}
