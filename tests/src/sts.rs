//! A stand-in for AWS STS: it answers `AssumeRole` and `GetCallerIdentity` as STS does. It verifies no signature.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use crate::agent::Request;
use crate::credentials::{ACCESS_KEY_ID, ACCOUNT_ID, moment};
use crate::{Agent, Answer};

/// A secret access key of an assumed role, which must not show.
pub const SECRET_ACCESS_KEY: &str = "bSecretOfAnAssumedRole/ThatNobodyMaySee+0123";

/// A session token of an assumed role, which must not show.
pub const SESSION_TOKEN: &str =
    "FwoGZXIvYXdzSessionTokenOfAnAssumedRole/ThatNobodyMaySee+0123456789==";

/// A running STS. Each role that is assumed gets an access key id with its number, from `ASIAROLE1`.
pub struct Sts {
    agent: Agent,
}

impl Sts {
    /// Listens on 127.0.0.1, at a port that the system chooses.
    pub fn start() -> io::Result<Sts> {
        Sts::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Listens on the given address; port 0 is any free port.
    pub fn listen(address: SocketAddr) -> io::Result<Sts> {
        let agent = Agent::listen(address)?;
        let sessions = Sessions::default();
        agent.handle(move |request| Some(sessions.answer(request)));
        Ok(Sts { agent })
    }

    /// What it stands on: a server for any kind of answer.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.agent.address())
    }

    /// The forms that it was sent, in order.
    pub fn forms(&self) -> Vec<BTreeMap<String, String>> {
        self.agent.requests().iter().map(form).collect()
    }
}

/// What a role's credentials are served as.
pub fn assumed(arn: &str, session: &str, number: usize) -> Answer {
    let session_arn = session_arn(arn, session);
    let expiration = moment(3600);
    let (whole, _) = expiration.split_once('.').unwrap_or((&expiration, ""));
    Answer::body(
        200,
        "text/xml",
        format!(
            r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLE:{session}</AssumedRoleId>
      <Arn>{session_arn}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAROLE{number}</AccessKeyId>
      <SecretAccessKey>{SECRET_ACCESS_KEY}</SecretAccessKey>
      <SessionToken>{SESSION_TOKEN}</SessionToken>
      <Expiration>{whole}Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
"#
        ),
    )
}

/// An error, as STS tells it.
pub fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::body(
        status,
        "text/xml",
        format!(
            r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>{code}</Code>
    <Message>{message}</Message>
  </Error>
  <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
</ErrorResponse>
"#
        ),
    )
}

/// The parameters of a request.
pub fn form(request: &Request) -> BTreeMap<String, String> {
    let body = String::from_utf8_lossy(&request.body);
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

/// The ARN of who has the credentials of a role.
fn session_arn(role_arn: &str, session: &str) -> String {
    let account = role_arn.split(':').nth(4).unwrap_or_default();
    let role = role_arn.rsplit('/').next().unwrap_or_default();
    format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")
}

/// Who has which access key id.
#[derive(Default)]
struct Sessions(Mutex<BTreeMap<String, String>>);

impl Sessions {
    fn answer(&self, request: &Request) -> Answer {
        let form = form(request);
        let value = |name: &str| form.get(name).map_or("", String::as_str);
        let is_sound =
            request.method == "POST" && request.target == "/" && value("Version") == "2011-06-15";
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match value("Action") {
            "AssumeRole" if is_sound => {
                let (role, session) = (value("RoleArn"), value("RoleSessionName"));
                sessions.insert(
                    format!("ASIAROLE{}", request.number),
                    session_arn(role, session),
                );
                assumed(role, session, request.number)
            }
            "GetCallerIdentity" if is_sound => {
                let key = signer(request.header("Authorization").unwrap_or_default());
                match sessions.get(key) {
                    Some(arn) => identity(arn),
                    None if key == ACCESS_KEY_ID => {
                        let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/source");
                        identity(&session_arn(&role, "pod"))
                    }
                    None => refusal(
                        403,
                        "InvalidClientTokenId",
                        "The security token included in the request is invalid.",
                    ),
                }
            }
            _ => refusal(400, "InvalidAction", "Could not find operation"),
        }
    }
}

/// The access key id in the header of a signed request.
fn signer(authorization: &str) -> &str {
    let credential = authorization.split_once("Credential=");
    credential
        .and_then(|(_, scope)| scope.split('/').next())
        .unwrap_or_default()
}

/// Who is calling.
fn identity(arn: &str) -> Answer {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let session = arn.rsplit('/').next().unwrap_or_default();
    Answer::body(
        200,
        "text/xml",
        format!(
            r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>{arn}</Arn>
    <UserId>AROAEXAMPLE:{session}</UserId>
    <Account>{account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
"#
        ),
    )
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().unwrap_or_default()).to_digit(16);
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (digit().unwrap_or_default() << 4 | digit().unwrap_or_default()) as u8,
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
