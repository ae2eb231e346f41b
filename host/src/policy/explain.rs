//! The effective policy as a table for people, with the reason of each line.

use super::model::{BoundsRule, LimitsRule, Policy, Variable, WallRule};
use super::role::SessionPolicyRule;
use super::text::{LayerRule, Scheme};
use crate::grants::Grants;
use epicac_component::endpoint::Endpoint;
use epicac_component::environment::Environment;
use epicac_component::printable::Line;
use std::fmt::{Display, Write as _};

/// The effective policy `policy` of `grants`, as a table: rule, what is granted, and why.
pub fn explain(policy: &Policy, grants: &Grants) -> String {
    let environment = Environment::from_variables(grants.variables().iter().cloned());
    let mut table = Table::default();
    table.row("RULE", "GRANTED", "WHY");
    table.row("version", 1, "the version of this format");
    table.row(
        "component.sha256",
        &policy.component.sha256,
        "the component inside of this build; SHA256SUMS of the release has the same",
    );
    for import in policy.component.imports.iter() {
        let import = import.to_string();
        table.row("component.imports", &import, reason_of_import(&import));
    }
    let of_roles = Variable::ROLES
        .into_iter()
        .filter(|_| policy.roles.is_some());
    for variable in Variable::CONTAINER.into_iter().chain(of_roles) {
        let (granted, why) = match (policy.environment.contains(&variable), variable) {
            (false, _) => ("-", format!("{variable} is not set")),
            (true, _) => (
                variable.name(),
                reason_of_variable(variable, &environment, grants),
            ),
        };
        table.row("environment", granted, why);
    }
    match &policy.token_file {
        Some(file) => table.row(
            "token_file",
            file,
            format!(
                "{} names it; read-only, and its neighbours do not exist",
                Variable::TokenFile
            ),
        ),
        None => table.row("token_file", "-", "the environment names no token file"),
    }
    endpoint(&mut table, policy, &environment);
    roles(&mut table, policy, grants);
    for ((name, value), why) in policy.limits.named().into_iter().zip(REASONS_OF_LIMITS) {
        table.row(format!("limits.{name}"), value, why);
    }
    let bounds = policy.bounds.iter().flat_map(BoundsRule::named);
    for ((name, value), why) in bounds.zip(REASONS_OF_BOUNDS) {
        table.row(format!("bounds.{name}"), value, why);
    }
    for ((name, layer), why) in policy.wall.named().into_iter().zip(REASONS_OF_LAYERS) {
        let why = match layer {
            LayerRule::Unavailable => format!("this kernel or container does not allow it: {why}"),
            _ => why.to_owned(),
        };
        table.row(format!("wall.{name}"), layer, why);
    }
    table.row("everything else", "-", "denied: it is not named above");
    table.to_text()
}

fn endpoint(table: &mut Table, policy: &Policy, environment: &Environment) {
    let Some(endpoint) = &policy.endpoint else {
        let why = match Endpoint::from_environment(environment) {
            Err(error) => error.to_string(),
            Ok(_) => "denied".to_owned(),
        };
        return table.row("endpoint", "-", why);
    };
    let variable = match environment.relative_uri {
        Some(_) => Variable::RelativeUri,
        None => Variable::FullUri,
    };
    table.row(
        "endpoint.method",
        "GET",
        "credentials are read, nothing is changed",
    );
    let (scheme, why) = match endpoint.scheme {
        Scheme::Http => ("http", "the agents of EKS and ECS speak http"),
        Scheme::Https => (
            "https",
            "the agents of EKS and ECS speak http: asked only under a policy file that names it",
        ),
    };
    table.row("endpoint.scheme", scheme, why);
    let host = &endpoint.host;
    table.row(
        "endpoint.host",
        host,
        format!("{variable} names it; no other is ever connected to"),
    );
    table.row("endpoint.port", endpoint.port, "as the host");
    table.row(
        "endpoint.path",
        &endpoint.path,
        "as the host; path and query to the letter",
    );
    match (endpoint.scheme, &endpoint.ca_bundle) {
        (Scheme::Http, _) => {}
        (Scheme::Https, Some(file)) => {
            table.row("endpoint.ca_bundle", file, "AWS_CA_BUNDLE names it");
        }
        (Scheme::Https, None) => table.row("endpoint.ca_bundle", "-", BUILT_IN_ROOTS),
    }
}

const BUILT_IN_ROOTS: &str = "TLS trusts the authorities that are built in";

fn roles(table: &mut Table, policy: &Policy, grants: &Grants) {
    let Some(rule) = &policy.roles else {
        return table.row("roles", "-", "the command line names none");
    };
    for arn in rule.arns.iter() {
        table.row("roles.arns", arn, "the command line names it");
    }
    for sts in rule.sts.iter() {
        let is_built_in = grants
            .roles()
            .is_some_and(|roles| roles.check_endpoint().is_ok());
        let why = if is_built_in {
            "that of the region, or named; POST to its path /, with an AssumeRole of these roles"
        } else {
            "neither AWS's own nor on this machine: asked only under a policy file that names it"
        };
        table.row("roles.sts", sts, why);
    }
    for parameter in rule.parameters.iter() {
        table.row("roles.parameters", parameter, "the command line uses it");
    }
    table.row(
        "roles.max_duration_seconds",
        rule.max_duration_seconds,
        "the longest session that is asked for",
    );
    table.row(
        "roles.session_policy",
        rule.session_policy,
        match rule.session_policy {
            SessionPolicyRule::Required => "the last session is limited by a policy",
            SessionPolicyRule::Optional => "the last session is limited by no policy",
        },
    );
    match &rule.proxy {
        Some(proxy) => table.row("roles.proxy", proxy, "HTTPS_PROXY names it; for STS alone"),
        None => table.row("roles.proxy", "-", "HTTPS_PROXY names none for STS"),
    }
    match &rule.ca_bundle {
        Some(file) => table.row("roles.ca_bundle", file, "AWS_CA_BUNDLE names it"),
        None => table.row("roles.ca_bundle", "-", BUILT_IN_ROOTS),
    }
}

/// What the component needs the functions of an interface for.
fn reason_of_import(import: &str) -> &'static str {
    match import.split('@').next().unwrap_or_default() {
        "wasi:cli/environment" => {
            "reads the variables below and the roles of the command line, which are all there are"
        }
        "wasi:cli/stderr" | "wasi:cli/stdout" => {
            "prints, under other runtimes; here it goes nowhere"
        }
        "wasi:clocks/monotonic-clock" => "keeps the time budget, and waits between attempts",
        "wasi:clocks/wall-clock" => "tells whether credentials have expired",
        "wasi:filesystem/preopens" => "finds the token's folder, in which one file exists",
        "wasi:filesystem/types" => "opens and reads the token file, and nothing else",
        "wasi:http/outgoing-handler" => "sends the requests below, and no other",
        "wasi:http/types" => "writes these requests, and reads their responses",
        "wasi:io/poll" => "waits for the response or the clock",
        "wasi:io/streams" => "reads the responses, and writes requests and the output",
        _ => "not known to this program: review it",
    }
}

fn reason_of_variable(variable: Variable, environment: &Environment, grants: &Grants) -> String {
    let mut set = grants.variables().iter();
    let is_empty = set.any(|(name, value)| name == variable.name() && value.is_empty());
    let winner = match variable {
        Variable::FullUri if environment.relative_uri.is_some() => Some(Variable::RelativeUri),
        Variable::Token if environment.token_file.is_some() => Some(Variable::TokenFile),
        _ => None,
    };
    match (is_empty, winner) {
        (true, _) => "it is set, to nothing, which counts as unset".to_owned(),
        (false, Some(winner)) => format!("it is set; {winner} wins over it"),
        (false, None) => match variable {
            Variable::RelativeUri => "it is set; ECS names its endpoint by it",
            Variable::FullUri => "it is set; EKS Pod Identity names its endpoint by it",
            Variable::TokenFile => "it is set; EKS Pod Identity names the token's file by it",
            Variable::Token => "it is set; it holds the token, which is not shown",
            Variable::SessionName => "it is set; the session of a role is named so by default",
            Variable::HostName => {
                "the name of this host, of which a session's default name is made"
            }
            Variable::Region | Variable::DefaultRegion => "it is set; STS is asked in that region",
            Variable::StsUrl | Variable::Url => "it is set; STS is asked at that URL",
            Variable::IgnoreUrls => "it is set; it says whether URLs of other variables count",
            Variable::UseFips => "it is set; it says whether STS is asked at its FIPS endpoint",
            Variable::UseDualStack => {
                "it is set; it says whether STS is asked at its dual-stack endpoint"
            }
        }
        .to_owned(),
    }
}

/// In the order of [`LimitsRule::named`].
const REASONS_OF_LIMITS: [&str; 7] = [
    "milliseconds of a run; the component itself gives up after 25 seconds",
    "instructions, so that a loop ends",
    "bytes of memory of the component",
    "elements of the tables of functions",
    "open requests, streams, files and so on",
    "requests of a run, and three more for each role; the component makes at most three attempts",
    "bytes of a request's header; a token may have 65,536",
];
const _: fn(&LimitsRule) -> [(&'static str, u64); REASONS_OF_LIMITS.len()] = LimitsRule::named;

/// In the order of [`BoundsRule::named`].
const REASONS_OF_BOUNDS: [&str; 7] = [
    "milliseconds in which a connection has to be made; the component allows as much",
    "milliseconds without a byte of the response; the component allows as much",
    "bytes of a response's header",
    "bytes of the host that one call may hand over",
    "handles of the runtime, of the component's own resources too",
    "instances, memories and tables of the component, each",
    "bytes of the component's stack, so that a recursion ends",
];
const _: fn(&BoundsRule) -> [(&'static str, u64); REASONS_OF_BOUNDS.len()] = BoundsRule::named;

/// In the order of [`WallRule::named`].
const REASONS_OF_LAYERS: [&str; 5] = [
    "no program that is executed gives more privileges (prctl)",
    "the memory is neither dumped nor shown to other processes (prctl, rlimit)",
    "files can be read in the token's folder, and that is all (Landlock)",
    "TCP connections go to the endpoint's port only, with roles also to that of STS or of the proxy (Landlock)",
    "nothing executed, no executable memory, no other system call than a run needs (seccomp)",
];
const _: fn(&WallRule) -> [(&'static str, LayerRule); REASONS_OF_LAYERS.len()] = WallRule::named;

/// Rows of three cells, each one line of printable text.
#[derive(Default)]
struct Table(Vec<[String; 3]>);

impl Table {
    fn row(&mut self, rule: impl Display, granted: impl Display, why: impl Display) {
        let cell = |text: String| Line(&text).to_string();
        self.0.push([
            cell(rule.to_string()),
            cell(granted.to_string()),
            cell(why.to_string()),
        ]);
    }

    fn to_text(&self) -> String {
        let width = |cell: fn(&[String; 3]) -> &String| {
            let widths = self.0.iter().map(|row| cell(row).chars().count());
            // A long path moves its own line only.
            widths
                .filter(|width| *width <= 80)
                .max()
                .unwrap_or_default()
        };
        let (first, second) = (width(|[rule, _, _]| rule), width(|[_, granted, _]| granted));
        let mut text = String::new();
        for [rule, granted, why] in &self.0 {
            let _ = writeln!(text, "{rule:first$}  {granted:second$}  {why}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(variables: &[(&str, &str)]) -> String {
        let variables = variables
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()));
        let grants = Grants::from_variables(variables);
        explain(&Policy::effective(&grants).unwrap(), &grants)
    }

    #[test]
    fn every_line_has_a_reason() {
        let text = explained(&[
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://127.0.0.1/\u{fc}",
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a-secret"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/a\u{1b}[2J"),
        ]);
        for line in text.lines() {
            let cells: Vec<_> = line.split("  ").filter(|cell| !cell.is_empty()).collect();
            assert_eq!(cells.len(), 3, "{line}");
        }
        assert!(!text.contains("not known to this program"), "{text}");
        assert!(
            !text.contains("a-secret") && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(
            text.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE wins over it"),
            "{text}"
        );
    }

    #[test]
    fn an_endpoint_that_is_not_granted_has_its_reason_too() {
        for (uri, why) in [
            ("ftp://example.com/", "a scheme other than http and https"),
            ("http://example.com/", "names the host example.com"),
            ("", "is set"),
        ] {
            let text = explained(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]);
            let line = text
                .lines()
                .find(|line| line.starts_with("endpoint "))
                .unwrap();
            assert!(line.contains(why), "{line}");
        }
    }

    #[test]
    fn what_only_a_policy_file_grants_is_told_so() {
        let uri = "https://agent.example/";
        let text = explained(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]);
        for (rule, parts) in [
            ("endpoint.scheme ", ["https ", "only under a policy file"]),
            ("endpoint.ca_bundle ", ["- ", "built in"]),
        ] {
            let mut lines = text.lines();
            let line = lines.find(|line| line.starts_with(rule)).unwrap();
            assert!(parts.iter().all(|part| line.contains(part)), "{line}");
        }
    }
}
