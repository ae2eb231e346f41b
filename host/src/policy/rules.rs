//! One table of rules for the members of a policy. It serves the [comparison](super::beyond), `--explain`, and the
//! messages about a wrong member.

use serde_json::Value;

/// A member of a policy.
pub(super) struct Rule {
    /// Where it is: a JSON pointer.
    pub(super) at: &'static str,
    pub(super) comparison: Comparison,
    /// What can be written there.
    pub(super) write: &'static str,
    /// The message if the comparison fails.
    pub(super) beyond: &'static str,
    /// Why the member is needed, by its value, or by each element of a list: the first text that the value begins with has
    /// the reason.
    pub(super) reasons: &'static [(&'static str, &'static str)],
}

/// How the granted value (of the file) is compared with the value of the run. A list is compared element by element. The
/// members of an object have rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The needed value equals the granted one.
    Equal,
    /// Everything that is needed is granted. The policy may grant more.
    Granted,
    /// The endpoint's path: it matches the granted one, which may have a wildcard.
    Path,
    /// A number: the granted one is at least the needed one.
    AtLeast,
    /// If the granted value is `required`, the needed one is the same.
    Kept,
    /// What a run has, a limit of this build: the granted number is at most that.
    AtMost,
    /// What a run has, the layers that stand: everything that the policy requires is there.
    Required,
}

macro_rules! rules {
    ($(
        $at:literal $comparison:ident
        write: $write:expr, beyond: $beyond:expr $(, reasons: $($begin:literal => $reason:expr),*)?;
    )*) => {
        /// The members in the order in which they are printed.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            at: $at,
            comparison: Comparison::$comparison,
            write: $write,
            beyond: $beyond,
            reasons: &[$($(($begin, $reason)),*)?],
        }),*];
    };
}

rules! {
    "/version" Equal
        write: "write 1, and compare the rest with the output of `epicac policy`",
        beyond: "this build has another version of the format",
        reasons: "" => "the version of this format";
    "/component/sha256" Equal
        write: "write the 64 hexadecimal digits of `epicac --version`, in lower case",
        beyond: "the component of this build is not the one that is pinned, and has to be reviewed",
        reasons: "" => "the component inside of this build; SHA256SUMS of the release has the same";
    "/component/imports" Equal
        write: "write each function out, as \"wasi:io/poll@0.2.0#poll\"",
        beyond: "the functions that are granted are not those that the component imports",
        reasons:
            "wasi:cli/environment" => "reads the variables below and the roles of the command line, which are all there are",
            "wasi:cli/stderr" => "for wasmtime run; what is written to it here is discarded",
            "wasi:cli/stdout" => "for wasmtime run; what is written to it here is discarded",
            "wasi:clocks/monotonic-clock" => "keeps the time budget, and waits between attempts",
            "wasi:clocks/wall-clock" => "tells whether credentials have expired",
            "wasi:filesystem/preopens" => "finds the token's folder, in which one file exists",
            "wasi:filesystem/types" => "opens and reads the token file, and nothing else",
            "wasi:http/outgoing-handler" => "sends the requests below, and no other",
            "wasi:http/types" => "writes these requests, and reads their responses",
            "wasi:io/poll" => "waits for the response or the clock",
            "wasi:io/streams" => "reads the responses, and writes requests and the output",
            "" => "not known to this program: review it";
    "/environment" Granted
        write: "write names that `epicac policy` prints, each once",
        beyond: "a variable is set that is not granted",
        reasons:
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" => "ECS names its endpoint by it; it wins over the full URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI" => "EKS Pod Identity names its endpoint by it",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" =>
                "EKS Pod Identity names the token's file by it; it wins over the token itself",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN" => "it holds the token, which is not shown",
            "AWS_ROLE_SESSION_NAME" => "the session of a role is named so by default",
            "HOSTNAME" => "the name of this host, of which a session's default name is made",
            "AWS_ENDPOINT_URL" => "STS is asked at that URL",
            "AWS_IGNORE_CONFIGURED" => "whether URLs of other variables count",
            "AWS_USE_" => "which of its endpoints STS is asked at",
            "" => "STS is asked in that region";
    "/token_file" Granted
        write: FILE,
        beyond: "the environment names a token file that is not granted",
        reasons: "" =>
            "named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; read-only, and its neighbours do not exist";
    "/endpoint" Granted
        write: COMPARE, beyond: "the environment names an endpoint, and none is granted";
    "/endpoint/method" Equal
        write: "write \"GET\"",
        beyond: OTHER_ENDPOINT, reasons: "" => "credentials are read, nothing is changed";
    "/endpoint/scheme" Equal
        write: "write \"http\", as the agents of EKS and ECS speak it, or \"https\"",
        beyond: OTHER_ENDPOINT,
        reasons:
            "https" => "the agents of EKS and ECS speak http: asked only under a policy file that names it",
            "" => "the agents of EKS and ECS speak http";
    "/endpoint/host" Equal
        write: "write one address or name, without a port, an IPv6 address in brackets",
        beyond: OTHER_ENDPOINT, reasons: "" => "the environment names it; no other is ever connected to";
    "/endpoint/port" Equal
        write: "write a number from 1 to 65535", beyond: OTHER_ENDPOINT, reasons: "" => "as the host";
    "/endpoint/path" Path
        write: "write path and query to the letter, from / on; only a path's last segment may be *",
        beyond: OTHER_ENDPOINT, reasons: "" => "as the host; path and query to the letter";
    "/endpoint/ca_bundle" Equal
        write: FILE, beyond: OTHER_AUTHORITIES, reasons: "" => BUNDLE;
    "/roles" Granted
        write: COMPARE, beyond: "roles are to be assumed, and none is granted";
    "/roles/arns" Granted
        write: "write each one out once, as \"arn:aws:iam::123456789012:role/reader\"",
        beyond: "a role is to be assumed that is not granted",
        reasons: "" => "the command line names it";
    "/roles/sts" Granted
        write: "write \"https://\" and its host, or \"http://\" and a host of this machine; without a path, and each once",
        beyond: "STS is to be asked at an endpoint that is not granted",
        reasons: "" => "that of the region, or named; POST to its path /, with an AssumeRole of these roles";
    "/roles/parameters" Granted
        write: "write AWS's names of parameters, each once",
        beyond: "a role is to be assumed with a parameter that is not granted",
        reasons: "" => "the command line uses it";
    "/roles/max_duration_seconds" AtLeast
        write: "write a number from 900 to 43200",
        beyond: "a longer session is to be asked for than is granted",
        reasons: "" => "the longest session that is asked for";
    "/roles/session_policy" Kept
        write: "write \"required\" where a run must be refused without one, or else \"optional\"",
        beyond: "the last session has to be limited by a policy, and neither --session-policy nor --policy-arn does",
        reasons:
            "required" => "the last session is limited by a policy",
            "" => "the last session is limited by no policy";
    "/roles/proxy" Granted
        write: "write \"http://host:port\", without a user",
        beyond: "the environment names a proxy that is not granted",
        reasons: "" => "HTTPS_PROXY names it; for STS alone";
    "/roles/ca_bundle" Equal
        write: FILE, beyond: OTHER_AUTHORITIES, reasons: "" => BUNDLE;
    "/serve" Granted
        write: COMPARE,
        beyond: "credentials are to be served to other programs, and that is not granted: `epicac policy serve` prints what is needed";
    "/serve/listen" Equal
        write: "write an address of 127.0.0.0/8 or [::1], and a port, as \"127.0.0.1:8470\"",
        beyond: "another address is to be listened on than the one that is granted",
        reasons: "" => "callers ask there; no other machine can reach it";
    "/serve/token_file" Equal
        write: FILE,
        beyond: "the token of callers is to be written to another file than the one that is granted",
        reasons: "" => "only a caller that can read the token in it gets credentials";
    "/serve/token_group" Granted
        write: "write true or false",
        beyond: "the group of the file is to read the token of callers, and that is not granted",
        reasons:
            "true" => "the members of the file's group can read the token",
            "" => "only the user of the server can read the token";
    "/limits/deadline_ms" AtMost
        write: LIMIT, beyond: TOO_HIGH,
        reasons: "" => "milliseconds of a run; the component itself gives up after 25 seconds";
    "/limits/fuel" AtMost
        write: LIMIT, beyond: TOO_HIGH, reasons: "" => "instructions, so that a loop ends";
    "/limits/memory_bytes" AtMost
        write: LIMIT, beyond: TOO_HIGH, reasons: "" => "bytes of memory of the component";
    "/limits/table_elements" AtMost
        write: LIMIT, beyond: TOO_HIGH, reasons: "" => "elements of the tables of functions";
    "/limits/resources" AtMost
        write: LIMIT, beyond: TOO_HIGH, reasons: "" => "open requests, streams, files and so on";
    "/limits/requests" AtMost
        write: LIMIT, beyond: TOO_HIGH,
        reasons: "" => "requests of a run, and three more for each role; the component makes three attempts, and waits while an endpoint answers 429";
    "/limits/header_bytes" AtMost
        write: LIMIT, beyond: TOO_HIGH, reasons: "" => "bytes of a request's header; a token may have 65,536";
    "/wall" Required
        write: "write names of layers, each once: no_new_privs, no_core_dumps, files, tcp, system_calls",
        beyond: "a layer of the second wall is required, and the kernel or the container does not allow it",
        reasons:
            "no_new_privs" => "no program that is executed gives more privileges (prctl)",
            "no_core_dumps" => "the memory is neither dumped nor shown to other processes (prctl, rlimit)",
            "files" => "files can be read in the token's folder, and that is all (Landlock)",
            "tcp" =>
                "TCP connections go to the endpoint's port only, with roles also to that of STS or of the proxy (Landlock)",
            "system_calls" =>
                "nothing executed, no executable memory, no other system call than a run needs (seccomp)";
}

/// The remedy for what has no rule, such as an unknown member.
const COMPARE: &str = "compare it with the output of `epicac policy`";
const FILE: &str = "write its absolute path out, from / on";
const LIMIT: &str = "write a number from 1 to the one that `epicac policy` prints";
const TOO_HIGH: &str = "this build never allows as much as is granted";
const OTHER_ENDPOINT: &str = "the environment names another endpoint";
const OTHER_AUTHORITIES: &str = "by AWS_CA_BUNDLE, or without it, TLS is to trust other authorities than those that are granted";
const BUNDLE: &str = "whom TLS trusts, by AWS_CA_BUNDLE, or else those that are built in";

impl Rule {
    /// The rule of the member at this pointer, or of the list that it is in.
    fn of(pointer: &str) -> Option<&'static Self> {
        // `/roles/arns/0` is in `/roles/arns`, and `/component/sha256` is in no list.
        let list = pointer.trim_end_matches(|c: char| c.is_ascii_digit());
        let list = list.strip_suffix('/').unwrap_or(pointer);
        RULES
            .iter()
            .find(|rule| rule.at == pointer || rule.at == list)
    }

    /// The value of this member in a policy: null if it is left out, and `None` if the object that it is in is left out.
    pub(super) fn value<'a>(&self, policy: &'a Value) -> Option<&'a Value> {
        let (object, member) = self.at.rsplit_once('/')?;
        let object = policy.pointer(object)?.as_object()?;
        Some(object.get(member).unwrap_or(&Value::Null))
    }

    /// Why this is needed.
    pub(super) fn reason(&self, value: &str) -> &'static str {
        let mut reasons = self.reasons.iter();
        let reason = reasons.find(|(begin, _)| value.starts_with(begin));
        reason.map_or("", |(_, reason)| reason)
    }

    /// Its path, for people: `endpoint.port`.
    pub(super) fn name(&self) -> String {
        name(self.at)
    }

    /// The name of the member itself.
    pub(super) fn member(&self) -> &'static str {
        self.at.rsplit('/').next().unwrap_or_default()
    }
}

/// The remedy for an error in the member at this pointer: the error's own, or else that of the member's rule.
pub(super) fn remedy(pointer: &str, own: Option<&'static str>) -> &'static str {
    own.unwrap_or_else(|| Rule::of(pointer).map_or(COMPARE, |rule| rule.write))
}

/// A pointer as people write it: `endpoint.port`.
pub(super) fn name(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
