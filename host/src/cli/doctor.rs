//! `epicac doctor` checks each step from the variables to the credentials, and says what to do if one does not work.
//!
//! The credentials come from the same function as those of the program itself: the component, in its sandbox, behind
//! the wall and within the policy. The other checks explain a failure, and find what stops an SDK before it runs epicac.
//! If the profile leads to another program, doctor does not judge that program.
//!
//! | check | where |
//! |---|---|
//! | `variables`, `endpoint` | `variables` |
//! | `token`, `clock` | `token` |
//! | `wall`, `policy` | `policy` |
//! | `credentials` | here |
//! | what is found | `finding` |
//! | `config`, `profile` | `profile` |

pub(super) mod finding;
mod policy;
mod profile;
mod report;
mod token;
mod variables;

use super::run::{self, Run};
use epicac::{Credentials, Error, Grants, Wall};
use epicac_component::Environment;
use finding::{Finding, NOT_TRIED, Verdict};
use policy::Pinned;
pub(super) use profile::Parsed;
use profile::Used;
use report::{Check, Report, span};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What follows `epicac doctor`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Check, too, whether this environment is within the policy in FILE, and run within it
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Print the verdicts as JSON (docs/doctor.md)
    #[arg(long)]
    json: bool,
}

/// Prints the verdicts. Exit status 0 only if none of them is `FAIL`.
pub(super) fn doctor(arguments: &Arguments, parse: fn(&[String]) -> Parsed) -> ExitCode {
    // What needs files of its own comes before the wall.
    let used = profile::read(parse);
    let report = if used.is_elsewhere && arguments.policy.is_none() {
        Report::new(used.checks, used.claim)
    } else {
        examine(used, arguments.policy.as_deref())
    };
    let text = if arguments.json {
        report.to_json()
    } else {
        report.to_text()
    };
    match run::report(&text) {
        Err(error) => run::exit(Err(error)),
        Ok(()) if report.ok => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

/// All checks, in the order in which credentials come about.
fn examine(used: Used, policy: Option<&Path>) -> Report {
    let grants = match Grants::from_process() {
        Ok(grants) => grants,
        Err(error) => {
            return Report::new(vec![Check::run("variables", &error)], NOT_TRIED.into());
        }
    };
    let (grants, refused) = match used.roles.grants() {
        Ok(grants) => (grants, None),
        Err(error) => (grants, Some(error)),
    };
    let environment = Environment::from_variables(grants.variables().iter().cloned());
    let policy = policy.or(used.policy.as_deref());
    let pinned = policy.map(|file| Pinned::read(file, &grants));
    let admitted = match &pinned {
        Some(Ok(pinned)) => pinned.admit(grants.clone()),
        _ => grants.clone().into(),
    };
    let asked = admitted.endpoint().ok();
    let token = token::read(&grants, &environment);

    let run = (refused.is_none() && asked.is_some()).then(|| Run::prepare(admitted.clone()));
    let wall = match &run {
        Some(Ok(run)) => run.wall().clone(),
        _ => Wall::raise(&admitted),
    };
    let within = policy::check(pinned.as_ref(), &wall);
    let answer = match (refused, run) {
        (Some(error), _) => Some(Err(error)),
        (None, Some(run)) if within.iter().all(Check::holds) => {
            Some(run.and_then(|run| run.credentials()))
        }
        (None, _) => None,
    };

    let now = run::now();
    let mut checks = vec![
        variables::check(&environment),
        variables::check_endpoint(&grants, &admitted),
        token::check(&token, asked, now),
        token::check_clock(&token, now),
        policy::check_wall(&wall),
    ];
    checks.extend(within);
    let credentials = check_credentials(&answer, asked.is_some(), now);
    for check in &mut checks {
        let is_refused = check.check == "token" && !check.holds();
        // Whatever looked odd, the endpoint took it.
        if is_refused && credentials.verdict == Verdict::Ok {
            check.verdict = Verdict::Warn;
        }
    }
    checks.push(credentials);
    checks.extend(used.checks);
    // What is tried here is not what an SDK takes then.
    let claim = match variables::earlier() {
        Some(_) => NOT_TRIED.into(),
        None => used.claim,
    };
    Report::new(checks, claim)
}

/// Whether there are credentials, for how long, and of which account. Nothing else of them is printed.
fn check_credentials(
    answer: &Option<Result<Credentials, Error>>,
    has_endpoint: bool,
    now: i64,
) -> Check {
    Check::from(match answer {
        Some(Err(error)) => return Check::run("credentials", error),
        None if has_endpoint => Finding::NotWithinPolicy,
        None => Finding::NothingToAsk,
        Some(Ok(credentials)) => {
            // Of the credentials, only these two may be shown.
            let left = span(credentials.seconds_left(now));
            match credentials.account_id.clone().filter(|id| !id.is_empty()) {
                Some(account) => Finding::CredentialsOf(account, left),
                None => Finding::Credentials(left),
            }
        }
    })
}
