//! Why a verb without a file of errors of its own failed, or a command in the place of a shell.

use epicac_component::Message;
use epicac_component::message::Failure;
use std::borrow::Cow;
use thiserror::Error;

/// Why `epicac config` or `epicac install` failed, or a command in the place of a shell.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum VerbError {
    #[error("two of them are called {0}")] TwoProfiles(String),
    #[error("{0} is the profile of the pod's own role, in which the others begin")] OwnProfile(&'static str),
    #[error("neither AWS_CONFIG_FILE nor HOME is set")] NoConfig,
    #[error("{0}: {1}")] Unreadable(String, String),
    #[error("{0}: no such file")] NoFile(String),
    #[error("{0}: it is a directory")] Folder(String),
    #[error("{0}: it has more than 262,144 bytes")] TooLarge(String),
    #[error("its path would need quotation marks in an aws-config, which SDKs read in different ways")] OddPath,
    #[error("{0}")] NoProgram(String),
    #[error("{0}: Read-only file system")] ReadOnly(String),
    #[error("{0}: Permission denied")] Denied(String),
    #[error("{0}: No space left on device, or a quota is reached")] Full(String),
    #[error("{0}: No such file or directory")] NoFolder(String),
    #[error("{0}: a file stands where a folder should")] FileInTheWay(String),
    #[error("{0}: a folder stands where a file should")] FolderInTheWay(String),
    #[error("{0}: {1}")] Untrusted(String, String),
    #[error("{0}: {1}")] NotWritten(String, String),
    #[error("at most {0} may be open at once, and a run needs 16")] Descriptors(u64),
    #[error("a panic at {0}")] Panic(String),
    #[error("it was called as sh, and not as sh -c COMMAND")] NoCommand,
    #[error("the command is not that of epicac alone")] NotAlone,
}

impl Failure for VerbError {
    #[rustfmt::skip]
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::TwoProfiles(_) | Self::OwnProfile(_) => "invalid profiles",
            Self::NoConfig => "no aws-config",
            Self::Unreadable(..) | Self::NoFile(_) | Self::Folder(_) | Self::TooLarge(_) => "unreadable aws-config",
            Self::OddPath => "invalid folder",
            Self::NoProgram(_) => "cannot read this program",
            Self::ReadOnly(_)
            | Self::Denied(_)
            | Self::Full(_)
            | Self::NoFolder(_)
            | Self::FileInTheWay(_)
            | Self::FolderInTheWay(_)
            | Self::Untrusted(..)
            | Self::NotWritten(..) => "cannot install",
            Self::Descriptors(_) => "too few descriptors",
            Self::Panic(_) => "internal error",
            Self::NoCommand | Self::NotAlone => "no shell",
        })
    }

    #[rustfmt::skip]
    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::TwoProfiles(_) => "give each --profile a name of its own",
            Self::OwnProfile(_) => "give --profile another name",
            Self::NoConfig => "name the file, or set AWS_CONFIG_FILE",
            Self::Unreadable(..) => "name another file, or mount it there, readable for this user",
            Self::NoFile(_) => "name another file, or mount it there",
            Self::Folder(_) => "name a file in it, or mount the file there",
            Self::TooLarge(_) => "name another file",
            Self::OddPath => "choose a plain path, or give --path as the application will see it",
            Self::NoProgram(_) => "run it by its absolute path",
            Self::ReadOnly(_) => "mount a volume there that can be written, such as an emptyDir",
            Self::Denied(_) => "let this user write there: see fsGroup and runAsUser of the pod",
            Self::Full(_) => "make room: epicac has about 4 MB, and while it is replaced it is there twice",
            Self::NoFolder(_) => "mount the volume there, or make the folder that it is in",
            Self::FileInTheWay(_) => "name a folder, not a file",
            Self::FolderInTheWay(_) => "a folder is in the way: remove it, or choose another one",
            Self::Untrusted(..) => "choose a folder that belongs to root or to this user, and that nobody else may write to",
            Self::NotWritten(..) => "choose a folder that can be written",
            Self::Descriptors(_) => "raise the limit of open files, `ulimit -n`",
            Self::Panic(_) => "is memory limited here? if it is not, please report it",
            Self::NoCommand => "this is epicac, in the place of a shell for a credential_process",
            Self::NotAlone => "write the path of epicac and its arguments, without anything that only a shell knows; for other programs add a shell to the image",
        })
    }
}

impl From<VerbError> for Message {
    fn from(error: VerbError) -> Self {
        Self::of(&error)
    }
}
