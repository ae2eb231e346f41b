//! The SDKs: the application of each, and what it does with the line of a credential process that fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_tests::{application, paths, require};

/// Where whoever runs the application finds epicac's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// In the error that the SDK gives to the application.
    InTheError,
    /// The SDK's error says only that the process failed; its stderr is that of the application.
    OnStderr,
    /// Nowhere by default: the SDK's chain of providers tells its application only that it came to its end.
    /// In the error of the one provider that reads the profile, when that is used alone.
    ByThisProviderAlone(&'static str),
}

impl Shown {
    pub fn text(self) -> String {
        match self {
            Self::InTheError => "in the SDK's error".to_owned(),
            Self::OnStderr => "on the application's stderr, not in the SDK's error".to_owned(),
            Self::ByThisProviderAlone(provider) => {
                format!("swallowed by the default chain; in the error of `{provider}` used alone")
            }
        }
    }
}

pub struct Sdk {
    /// The command that starts the application; `None` means that the test is skipped.
    pub application: fn() -> Option<Command>,
    pub shown: Shown,
    /// Whether it asks for the credentials of the source profile again when they have expired.
    pub refreshes: bool,
    /// Whether its default chain goes on to the pod's own credentials when the process fails.
    pub falls_back: bool,
    /// Whether it knows `AWS_CONTAINER_CREDENTIALS_FULL_URI`, by which `epicac serve` is found.
    pub knows_full_uri: bool,
}

pub const PYTHON: Sdk = Sdk {
    application: application::boto3,
    shown: Shown::InTheError,
    refreshes: true,
    falls_back: false,
    knows_full_uri: true,
};
pub const AWS_CLI: Sdk = Sdk {
    application: application::aws_cli,
    shown: Shown::InTheError,
    refreshes: true,
    falls_back: false,
    knows_full_uri: true,
};
pub const JAVASCRIPT: Sdk = Sdk {
    application: node,
    shown: Shown::ByThisProviderAlone("fromIni()"),
    refreshes: true,
    falls_back: true,
    knows_full_uri: true,
};
pub const RUST: Sdk = Sdk {
    application: rustc,
    shown: Shown::InTheError,
    refreshes: true,
    falls_back: false,
    knows_full_uri: true,
};
/// `processcreds` hands its own stderr on.
pub const GO: Sdk = Sdk {
    application: golang,
    shown: Shown::OnStderr,
    refreshes: true,
    falls_back: false,
    knows_full_uri: true,
};
pub const JAVA: Sdk = Sdk {
    application: jvm,
    shown: Shown::ByThisProviderAlone("ProfileCredentialsProvider"),
    refreshes: true,
    falls_back: true,
    knows_full_uri: true,
};
/// `ProcessCredentials` runs it by backticks. A source profile's credentials are taken out of their provider
/// once (`resolve_source_profile` in shared_config.rb), which is Ruby's own limit with any process. `ECSCredentials` asks
/// 169.254.170.2 by `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` only.
pub const RUBY: Sdk = Sdk {
    application: debians_ruby,
    shown: Shown::OnStderr,
    refreshes: false,
    falls_back: false,
    knows_full_uri: false,
};

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sdks")
        .join(file)
}

/// What `cargo xtask setup sdks` has built.
fn built(file: &str) -> Option<PathBuf> {
    let folder = paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?;
    let file = folder.join(file);
    if file.exists() {
        return Some(file);
    }
    require::skipped(&format!(
        "there is no {}: `cargo xtask setup sdks` makes it",
        file.display()
    ));
    None
}

fn node() -> Option<Command> {
    let mut node = Command::new(require("node")?);
    node.arg(built("javascript/application.mjs")?);
    Some(node)
}

fn rustc() -> Option<Command> {
    Some(Command::new(built("rust/debug/epicac-sdks-rust")?))
}

fn golang() -> Option<Command> {
    Some(Command::new(built("go/application")?))
}

fn jvm() -> Option<Command> {
    let classes = built("java/Application.class")?;
    let folder = classes.parent()?.display().to_string();
    let mut java = Command::new(require("java")?);
    // It starts once and soon ends: the second compiler is not worth its time.
    java.args(["-XX:TieredStopAtLevel=1", "-cp"])
        .arg(format!("{folder}:{folder}/jars/*"))
        .arg("Application");
    Some(java)
}

fn debians_ruby() -> Option<Command> {
    let mut ruby = Command::new(require("ruby")?);
    ruby.arg(source("ruby/application.rb"));
    Some(ruby)
}
