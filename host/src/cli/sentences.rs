//! The errors and findings of the verbs, with their sentences for people (`behaviour.md` §5). The tests write the tables of
//! docs/troubleshooting.md and docs/doctor.md from these rows.

use epicac_component::printable::Line;
use epicac_component::{Told, rows};
use http::StatusCode;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;

rows! {
    /// Why `epicac config` or `epicac install` failed, or a command in the place of a shell.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) enum VerbError: &'static str {
        TwoProfiles(name: String) = "invalid profiles" => "two of them are called {name}", "give each --profile a name of its own";
        OwnProfile(name: &'static str) = "invalid profiles" => "{name} is the profile of the pod's own role, in which the others begin",
            "give --profile another name";
        NoConfig = "no aws-config" => "neither AWS_CONFIG_FILE nor HOME is set", "name the file, or set AWS_CONFIG_FILE";
        Unreadable(path: String, why: String) = "unreadable aws-config" => "{path}: {why}",
            "name another file, or mount it there, readable for this user";
        NoFile(path: String) = "unreadable aws-config" => "{path}: no such file", "name another file, or mount it there";
        Folder(path: String) = "unreadable aws-config" => "{path}: it is a directory", "name a file in it, or mount the file there";
        TooLarge(path: String) = "unreadable aws-config" => "{path}: it has more than 262,144 bytes", "name another file";
        OddPath = "invalid folder" => "its path would need quotation marks in an aws-config, which SDKs read in different ways",
            "choose a plain path, or give --path as the application will see it";
        NoProgram(why: String) = "cannot read this program" => "{why}", "run it by its absolute path";
        ReadOnly(path: String) = "cannot install" => "{path}: Read-only file system",
            "mount a volume there that can be written, such as an emptyDir";
        Denied(path: String) = "cannot install" => "{path}: Permission denied",
            "let this user write there: see fsGroup and runAsUser of the pod";
        Full(path: String) = "cannot install" => "{path}: No space left on device, or a quota is reached",
            "make room: epicac has about 4 MB, and while it is replaced it is there twice";
        NoFolder(path: String) = "cannot install" => "{path}: No such file or directory",
            "mount the volume there, or make the folder that it is in";
        FileInTheWay(path: String) = "cannot install" => "{path}: a file stands where a folder should", "name a folder, not a file";
        FolderInTheWay(path: String) = "cannot install" => "{path}: a folder stands where a file should",
            "a folder is in the way: remove it, or choose another one";
        Untrusted(path: String, why: String) = "cannot install" => "{path}: {why}",
            "choose a folder that belongs to root or to this user, and that nobody else may write to";
        NotWritten(path: String, why: String) = "cannot install" => "{path}: {why}", "choose a folder that can be written";
        Descriptors(limit: u64) = "too few descriptors" => "at most {limit} may be open at once, and a run needs 16",
            "raise the limit of open files, `ulimit -n`";
        Panic(place: String) = "internal error" => "a panic at {place}", "is memory limited here? if it is not, please report it";
        NoCommand = "no shell" => "it was called as sh, and not as sh -c COMMAND",
            "this is epicac, in the place of a shell for a credential_process";
        NotAlone = "no shell" => "the command is not that of epicac alone",
            "write the path of epicac and its arguments, without anything that only a shell knows; for other programs add a shell to the image";
    }
}

rows! {
    /// Why `epicac serve` does not serve, or its probe fails. A run and a policy have errors of their own.
    #[derive(Debug)]
    pub(super) enum ServeError: &'static str {
        Listen(address: SocketAddr, error: io::Error) = "cannot listen" => "{address}: {error}",
            "choose another port by --listen, or end what listens there";
        Token(path: String, error: io::Error) = "no token for callers" => "{path}: {error}",
            "mount a volume there that this user can write";
        Untrusted(path: String, why: String) = "no token for callers" => "{path}: {why}",
            "choose a folder that belongs to root or to this user, and that nobody else may write to";
        Existing(path: String, why: String) = "no token for callers" => "{path}: {why}",
            "it needs 32 characters or more on one line, this user or root as its owner, and the mode 0600, or 0640 with --token-group";
        AgentsToken(path: String) = "no token for callers" => "{path}: this is the file of the agent's token", "name another file by --token-file";
        Itself(address: SocketAddr) = "cannot serve" => "AWS_CONTAINER_CREDENTIALS_FULL_URI names {address}, where this server is to listen",
            "set it for the applications only: EKS sets that of the agent where it is not set";
        Descriptors(limit: u64, needed: u64) = "cannot serve" => "this process may have {limit} open files, and needs {needed}",
            "raise its limit: `ulimit -n`";
        System(error: io::Error) = "cannot serve" => "{error}", "are memory or descriptors limited here?";
        Lost = "cannot go on" => "AWS STS is out of reach, at the addresses that its name had at the start",
            "start it again, as Kubernetes does: the name is then resolved anew";
        NotReady(status: u16) = "not ready" => "the server answers with status {status}", PROBED;
        NoTokenToAsk = "not ready" => "the token of its callers cannot be read", PROBED;
        NoServer = "not ready" => "no server answers with credentials", PROBED;
        NotAsked(why: String) = "not ready" => "{why}", PROBED;
    }
}

rows! {
    /// Why a caller of `epicac serve` is answered without credentials.
    #[derive(Debug)]
    pub(super) enum CallerError: (StatusCode, &'static str) {
        NoToken = (StatusCode::UNAUTHORIZED, "request refused") => "it does not show the token",
            "send what AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE holds as Authorization";
        Host(uri: String) = (StatusCode::FORBIDDEN, "request refused") => "it names another host", "ask {uri}";
        Path = (StatusCode::NOT_FOUND, "request refused") => "there is nothing at this path",
            "ask /v1/credentials, or /v1/credentials/NAME for the profile of that name";
        Method = (StatusCode::METHOD_NOT_ALLOWED, "request refused") => "only GET is answered", "use GET";
        NoRequest = (StatusCode::BAD_REQUEST, "request refused") => "it is not a request of HTTP/1.1", "send GET over http";
        TooLarge = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "request refused") => "its head has more than 8,192 bytes, 1,024 of them in its first line, or 32 fields",
            "send only Host and Authorization";
        Late = (StatusCode::REQUEST_TIMEOUT, "request refused") => "its head did not arrive in time", "send it when the connection is open";
        /// It gets no answer.
        Peer = (StatusCode::FORBIDDEN, "request refused") => "it does not come from the loopback interface", "connect from a loopback address";
        /// This should never happen.
        BrokenOff = (StatusCode::INTERNAL_SERVER_ERROR, "no credentials") => "the refresh was broken off", "try again";
    }
}

const PROBED: &str = "the lines of `epicac serve` on stderr tell more";

rows! {
    /// Why a word of the command line cannot stand in an aws-config.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) enum WordError: &'static str {
        Profile = "invalid value" => "a profile is given as NAME=ROLE_ARN", "write dest_role=arn:aws:iam::222222222222:role/dest";
        Name = "invalid value" => "the name of a profile has up to 64 letters, digits and _.@+-", "choose a plain one";
        RoleArn = "invalid value" => "that is not the ARN of a role, such as arn:aws:iam::222222222222:role/dest",
            "take it from the role's page in IAM";
        Region = "invalid value" => "that is not the code of a region, such as eu-central-1",
            "write neither the name of a region nor a zone";
        ExternalId = "invalid value" => "an external id has from 2 to 1224 letters, digits and _+=,.@:/-",
            "it has to be the one of the role's trust policy";
        Duration = "invalid value" => "that is no number of seconds from 900 to 3600",
            "a role that is assumed by a role is given at most 3600 seconds";
        Path = "invalid value" => "the path of the program has to be absolute and to need no quotation marks, which SDKs read in different ways",
            "use letters, digits and _+=,.@:/- only, as /opt/epicac has";
    }
}

/// How far a flaw of an aws-config goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Some SDK reads nothing of the file, or applies the line to every profile.
    File,
    /// Some SDK does not read the profile as it was meant.
    Profile,
    /// An SDK may well work all the same.
    Nothing,
}
use Reach::{File, Nothing, Profile};

rows! {
    /// A flaw of an aws-config: some SDK does not read it, or reads it in another way than it was meant.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) enum LineError: Reach {
        Utf16 = File => "the file is UTF-16, as PowerShell redirects into one", "save it as UTF-8 without a byte order mark";
        NotUtf8 = File => "this is not UTF-8", "save the file as UTF-8";
        ByteOrderMark = File => "the file begins with a byte order mark, which Python and Java read as text",
            "save it as UTF-8 without one";
        ControlCharacter = File => "the line holds a control character", "write the line again without it";
        OutsideOfSection = File => "something stands before the first section", "begin the file with [default] or [profile NAME]";
        Header = File => "this is no header of a section",
            "write [default] or [profile NAME] alone on the line, NAME of letters, digits and _-/.%@:+";
        Form(common: String) = Profile => "not in the common form", "write {common}";
        Indented = Profile => "not in the common form: for some SDKs an indented line, be it a comment, is a part of the line above it",
            "remove the spaces before it";
        Name(name: String) = Profile => "not every SDK takes {name} for the name of a profile or another section",
            "write letters, digits and _-/.%@:+ alone";
        SectionTwice(section: String, first: usize) = File => "the section {section} is already at line {first}, and Python refuses the file",
            "make one section of them";
        SectionAgain(section: String, first: usize) = Profile => "the section {section} is already at line {first}",
            "make one section of them";
        KeyTwice(key: String, first: usize) = File => "{key} is already at line {first}, and Python refuses the file",
            "remove one of them";
        NestedTwice(key: String, first: usize) = Profile => "{key} is already at line {first}", "remove one of them";
        NotAProperty = File => "this is neither a header nor a property", "write KEY = VALUE";
        Cut(key: String) = Profile => "an indented line continues the value of {key}, and SDKs join them in different ways",
            "write the whole value on one line";
        Backslash = Profile => "credential_process ends with `\\`, without its end: no SDK joins the next line to it",
            "write the whole command on one line";
        Unknown(key: String, known: &'static str) = Profile => "no SDK knows the key {key}, and SDKs ignore it without a word", "write {known}";
        Key(key: String) = Profile => "not every SDK takes {key} for a key",
            "write letters in lower case, digits and _-/.%@+ alone";
        Empty(key: String) = Profile => "{key} has no value", "write one, or remove the line";
        Region(region: String) = Profile => "{region} is not the code of a region", "write one such as eu-central-1";
        NotARole = Profile => "role_arn is not the ARN of a role", "write arn:aws:iam::ACCOUNT:role/NAME";
        Duration = Profile => "duration_seconds is not a number from 900 to 43200", "write 3600, or leave it out";
        ChainedDuration = Profile => "a role that is assumed by a role is given at most 3600 seconds",
            "write duration_seconds = 3600, or leave it out";
        SessionName = Profile => "role_session_name is not one that STS accepts",
            "write from 2 to 64 letters, digits and _+=,.@-, or leave it out";
        ExternalId = Profile => "external_id is not one that STS accepts",
            "write that of the role's trust policy: from 2 to 1224 letters, digits and _+=,.@:/-";
        Mfa = Profile => "mfa_serial makes an SDK ask for a code, and nobody types one in a pod",
            "remove it, and let the role's trust policy not ask for MFA";
        NotASource = Profile => "credential_source is none of EcsContainer, Ec2InstanceMetadata and Environment",
            "write source_profile, naming a profile with credential_process";
        NoCommand = Profile => "credential_process names no program", "write the path of epicac";
        OpenQuote = Profile => "credential_process has a quotation mark without its end", "close it";
        Shell(c: char) = Profile => "credential_process has a `{c}`, which Python does not hand to a shell",
            "write the program and its arguments as they are";
        Assignment = Profile => "credential_process sets a variable, which Python takes for the program",
            "set it in the container's environment";
        Relative = Profile => "credential_process has a relative path, so that it depends on the application's working directory",
            "write an absolute path";
        NoEpicac(program: String) = Profile => "credential_process runs {program}, which is not there",
            "copy epicac to that path, or mount it there: `epicac install DIR`";
        NoProgram(program: String) = Profile => "credential_process runs {program}, which is not there",
            "add that program to the image, or correct its path";
        NotExecutable(program: String) = Profile => "credential_process runs {program}, which this user cannot execute",
            "make it a file of mode 0755, on a volume that is not mounted noexec";
        RoleBeside = Profile => "role_arn and credential_process are in one profile, and SDKs differ in which one they take",
            "make two profiles, the first with role_arn and source_profile, the second with credential_process";
        RefusedBeside(key: &'static str) = Profile => "{key} and credential_process are in one profile, which Go refuses",
            "remove one of them";
        Beside(key: &'static str) = Profile => "{key} and credential_process are in one profile, and SDKs differ in which one they take",
            "remove one of them";
        HalfOfKeys(missing: &'static str) = Profile => "there is no {missing} beside it, so that it gives no credentials",
            "add {missing}, or write credential_process in its place";
        TwoSources(first: &'static str, second: &'static str) = Profile => "{first} and {second} are in one profile, which Go refuses",
            "remove one of them";
        RoleWithoutSource = Profile => "role_arn has no credentials to assume the role with",
            "add source_profile, naming a profile with credential_process";
        SourceWithoutRole(key: &'static str) = Profile => "{key} does nothing without role_arn", "add role_arn";
        NoSuchSource(name: String) = Profile => "there is no profile {name}", "add [profile {name}] with a credential_process";
        Cycle = Profile => "source_profile leads back to this profile", "let it name a profile with credential_process";
        SourceWithoutCredentials(name: String) = Profile => "the profile {name} has no credentials", "give it a credential_process";
        NoSuchProfile(variable: &'static str, name: String) = Profile => "{variable} names {name}, and there is no such profile",
            "add [profile {name}], or let {variable} name one that is there";
        WithoutCredentials(name: String) = Profile => "the profile {name} gives no credentials, so that SDKs take those of the pod's own role, without a word",
            "add credential_process, or role_arn and source_profile";
        DefaultWithoutCredentials = Nothing => "AWS_PROFILE is not set and [default] gives no credentials, so that SDKs take those of the pod's own role",
            "set AWS_PROFILE, unless the pod's own role is meant";
        NoDefault = Nothing => "AWS_PROFILE is not set and there is no [default], so that SDKs take none of the profiles",
            "set AWS_PROFILE";
        NoRegion(name: String) = Nothing => "neither the profile {name} nor AWS_REGION says which region it is",
            "add region, unless the application has one";
    }
}

/// The result of a check of `epicac doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It holds.
    Ok,
    /// It holds, but may not be what is meant.
    Warn,
    /// It does not hold, and an SDK gets no credentials, or not by this profile.
    Fail,
    /// There was nothing to check.
    Skipped,
}
use Verdict::{Fail, Ok, Skipped, Warn};

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Ok => "ok",
            Warn => "warn",
            Fail => "FAIL",
            Skipped => "skipped",
        }
    }
}

/// A check of `epicac doctor`, and its verdict.
type Checked = (&'static str, Verdict);

rows! {
    /// The findings of doctor itself. The component, the host and `config check` have errors of their own.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) enum Finding: Checked {
        Keys = ("variables", Warn) => "AWS_ACCESS_KEY_ID is set, and SDKs may take its credentials before any other",
            "remove it from the pod's specification";
        WebIdentity = ("variables", Warn) => "AWS_WEB_IDENTITY_TOKEN_FILE is set, and SDKs may take its credentials before any other",
            "remove the annotation eks.amazonaws.com/role-arn of the service account, by which EKS sets it";
        BothSet(first: &'static str, second: &'static str) = ("variables", Warn) => "{first} and {second} are both set, and the first one wins",
            "remove one of them";
        Variables(names: String) = ("variables", Ok) => "{names}", "";
        NoEndpoint = ("endpoint", Skipped) => "no variable names one", "";
        Endpoint(origin: String) = ("endpoint", Ok) => "{origin} may be asked", "";
        NoToken = ("token", Skipped) => "no variable names one, and none is sent", "";
        NoTokenForEks = ("token", Fail) => "neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor AWS_CONTAINER_AUTHORIZATION_TOKEN is set",
            "EKS sets the first one: does the pod's specification override it?";
        OtherToken(from: String) = ("token", Warn) => "{from}: it is no JSON Web Token, as that of EKS would be",
            "of another agent that is as it should be";
        NoJwt(from: String) = ("token", Fail) => "{from}: it is no JSON Web Token",
            "is the volume that EKS projects mounted there, and nothing else?";
        NoExpiry(from: String) = ("token", Fail) => "{from}: it has no expiry",
            "is the volume that EKS projects mounted there, and nothing else?";
        Expired(from: String, ago: String) = ("token", Fail) => "{from}: it expired {ago} ago",
            "the kubelet renews it in its volume: is it a copy, or mounted by subPath, or is the clock wrong?";
        OfTheFuture(from: String, later: String) = ("token", Fail) => "{from}: it is valid only in {later}",
            "set the clock of the node, by NTP";
        NotValidYet(from: String, later: String) = ("token", Fail) => "{from}: it is valid only in {later}, and was issued in the past",
            "delete the pod, so that a new one gets a new token";
        Audience(from: String) = ("token", Fail) => "{from}: its audience is not pods.eks.amazonaws.com",
            "name the token of EKS Pod Identity, not the one for the Kubernetes API or for IRSA";
        Token(from: String, subject: String, left: String) = ("token", Ok) => "{from}: of {subject}, valid for {left}", "";
        TokenAlone(from: String, subject: String, left: String) = ("token", Warn) => "{from}: of {subject}, valid for {left}, and never renewed: this one file is mounted",
            "mount the whole volume, without subPath";
        IssuedLater(ahead: String) = ("clock", Fail) => "the token will only be issued in {ahead}",
            "set the clock of the node, by NTP";
        IssuedBefore = ("clock", Ok) => "the token was issued in the past", "";
        NoTime = ("clock", Skipped) => "no token tells the time", "";
        Wall = ("wall", Ok) => "all five layers stand", "";
        WallLacks(layers: String) = ("wall", Warn) => "this kernel or container does not allow {layers}",
            "files and tcp need Landlock: Linux 5.13 and 6.7";
        NoPolicy = ("policy", Skipped) => "no --policy was given", "";
        WithinPolicy = ("policy", Ok) => "this environment is within it", "";
        Credentials(left: String) = ("credentials", Ok) => "status 200, credentials for {left}", "";
        CredentialsOf(account: String, left: String) = ("credentials", Ok) => "status 200, credentials of the account {account} for {left}", "";
        NotWithinPolicy = ("credentials", Skipped) => "nothing is asked that is not within the policy", "";
        NothingToAsk = ("credentials", Skipped) => "there is no endpoint to ask", "";
        NoConfigFor(variable: &'static str, name: String) = ("config", Fail) => "{variable} names {name}, and there is no aws-config",
            "set AWS_CONFIG_FILE to the path of one: `epicac config` prints it";
        NoConfig = ("config", Skipped) => "there is none: SDKs ask the endpoint by themselves, as the pod's own role", "";
        OnlyCredentials = ("config", Skipped) => "there is none", "";
        Config(path: String) = ("config", Ok) => "{path}: nothing wrong", "";
        ConfigFirst = ("profile", Skipped) => "the aws-config has to be put right first", "";
        NoProfile = ("profile", Skipped) => "the one that an SDK would use is not in the aws-config", "";
        Chain(steps: String) = ("profile", Ok) => "{steps}", "";
        ChainOfRoles(steps: String) = ("profile", Ok) => "{steps}; that the role may be assumed is not tried here", "";
        WrongArguments(why: String) = ("profile", Fail) => "epicac gives no credentials with the arguments of credential_process: {why}",
            "write them as `epicac --help` has them";
        NotTried(kind: &'static str, what: String) = ("profile", Warn) => "another {kind}, {what}: not tried here",
            "make a call with the SDK to see";
        NoShell = ("profile", Warn) => "there is no sh: Python and the AWS CLI start the command by themselves, the SDKs for Go, Rust, Java and JavaScript by sh",
            "copy or mount epicac as /bin/sh too (docs/images.md)";
        ShellIsFolder = ("profile", Warn) => "/bin/sh is a folder: the SDKs for Go, Rust, Java and JavaScript start the command by it",
            "mount an image volume of epicac at /bin, where it has a file sh (docs/images.md)";
        PythonFirst(name: String) = ("profile", Warn) => "Python and the AWS CLI take AWS_DEFAULT_PROFILE first, which names {name}",
            "unset it, or set both to the same";
        OnlyPython(name: String) = ("profile", Warn) => "AWS_DEFAULT_PROFILE names {name}, and the SDKs for Rust, Java and JavaScript do not know it",
            "set AWS_PROFILE to the same";
    }
}

/// The last line of doctor, if no check failed and the credentials that an SDK takes were tried.
pub(super) const ALL_TRIED: &str = "An SDK in this container gets credentials.";
/// The same, if the credentials come from something else.
pub(super) const NOT_TRIED: &str =
    "No check failed; whether an SDK gets credentials was not tried.";

/// The same, if the SDK assumes these roles.
pub(super) fn but_roles(roles: &str) -> String {
    let roles = Line(roles);
    format!("The pod's own role has credentials; whether {roles} may be assumed was not tried.")
}

impl From<VerbError> for Told {
    fn from(error: VerbError) -> Self {
        let (what, why, remedy) = error.row();
        Self::new(what, why, remedy)
    }
}

impl Display for ServeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (what, why, remedy) = self.row();
        Told::new(what, why, remedy).fmt(f)
    }
}

impl std::error::Error for ServeError {}

impl Display for WordError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (_, why, remedy) = self.row();
        write!(f, "{why} ({remedy})")
    }
}

impl std::error::Error for WordError {}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_page::hold;

    #[test]
    fn the_troubleshooting_guide_has_every_message() {
        let of_verbs = VerbError::rows().into_iter().chain(WordError::rows());
        let of_verbs = of_verbs.map(|(what, why, remedy)| [what.to_owned(), why, remedy]);
        let of_lines = LineError::rows().into_iter();
        let of_lines =
            of_lines.map(|(_, why, remedy)| ["invalid aws-config".to_owned(), why, remedy]);
        hold("docs/troubleshooting.md", "verbs", of_verbs.chain(of_lines));
        let of_serve = ServeError::rows().into_iter();
        let of_serve = of_serve.map(|(what, why, remedy)| [what.to_owned(), why, remedy]);
        let answers = CallerError::rows().into_iter();
        let answers = answers.map(|((status, what), why, remedy)| {
            let why = format!("{}: {why}", status.as_u16());
            [what.to_owned(), why, remedy]
        });
        hold("docs/troubleshooting.md", "serve", of_serve.chain(answers));
    }

    #[test]
    fn the_guide_of_doctor_has_every_finding() {
        let findings = Finding::rows()
            .into_iter()
            .map(|((check, verdict), detail, remedy)| {
                [
                    check.to_owned(),
                    format!("`{}`: {detail}", verdict.word()),
                    remedy,
                ]
            });
        hold("docs/doctor.md", "doctor", findings);
    }

    #[test]
    fn what_comes_from_outside_stays_on_the_line() {
        let told = Told::from(VerbError::TooLarge("a\nb".to_owned())).to_string();
        assert!(!told.contains('\n'), "{told}");
        let told = ServeError::Token("a\nb".to_owned(), io::ErrorKind::NotFound.into()).to_string();
        assert!(
            !told.contains('\n') && told.contains(" (") && told.ends_with(')'),
            "{told}"
        );
    }
}
