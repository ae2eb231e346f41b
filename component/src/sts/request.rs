//! What STS is sent: one signed POST with a form as its body.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::credentials::Credentials;
use crate::number::decimal;
use crate::process::CredentialsFlaw;
use crate::request::USER_AGENT;
use crate::sts::role::Role;
use crate::sts::service::Sts;
use crate::sts::sigv4::{self, Signer};
use crate::timestamp::Timestamp;

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A request to STS. Its header fields hold the session token.
pub struct Post {
    /// The header fields; the runtime adds `Host`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: String,
}

/// Asks `sts` for the credentials of `role`, with those of `base`, at this moment.
///
/// Fails with a flaw when `base` cannot be sent.
pub fn assume_role(
    role: &Role,
    base: &Credentials,
    sts: &Sts,
    now: Timestamp,
) -> Result<Post, CredentialsFlaw> {
    let token = base.session_token.expose();
    for (field, text) in [
        ("access-key-id", base.access_key_id.as_str()),
        ("secret-access-key", base.secret_access_key.expose()),
        ("session-token", token),
    ] {
        if text.is_empty() {
            return Err(CredentialsFlaw::Empty(field));
        }
        // A space could be folded on the way, and the signature would not fit any more.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CredentialsFlaw::Character(field));
        }
    }
    let body = form(role);
    let date = sigv4::amz_date(now);
    let authority = sts.endpoint().authority();
    let signed = [
        ("content-type", CONTENT_TYPE),
        ("host", &authority),
        ("x-amz-date", &date),
        ("x-amz-security-token", token),
    ];
    let signer = Signer {
        access_key_id: &base.access_key_id,
        secret_access_key: &base.secret_access_key,
        region: sts.region(),
        service: "sts",
    };
    let request = sigv4::Request {
        method: "POST",
        headers: &signed,
        body: body.as_bytes(),
    };
    let authorization = signer.authorization(&request, &date);
    let length = decimal(body.len() as u64).to_string();
    let [content_type, _, date, token] = signed;
    let headers = [
        content_type,
        date,
        token,
        ("authorization", &authorization),
        ("content-length", &length),
        ("user-agent", USER_AGENT),
    ];
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    Ok(Post {
        headers: headers.iter().map(owned).collect(),
        body,
    })
}

/// The parameters of `AssumeRole`, as a form.
fn form(role: &Role) -> String {
    let request = role.request();
    let mut form = Form(String::from("Action=AssumeRole&Version=2011-06-15"));
    form.push("RoleArn", &request.arn);
    let duration = request.duration.map(|seconds| decimal(seconds).to_string());
    for (name, value) in [
        ("RoleSessionName", &request.session_name),
        ("DurationSeconds", &duration),
        ("ExternalId", &request.external_id),
        ("SourceIdentity", &request.source_identity),
        ("Policy", &request.session_policy),
    ] {
        if let Some(value) = value {
            form.push(name, value);
        }
    }
    for (index, arn) in (1_u32..).zip(&request.policy_arns) {
        form.push_member("PolicyArns", index, ".arn", arn);
    }
    for (index, (key, value)) in (1_u32..).zip(&request.tags) {
        form.push_member("Tags", index, ".Key", key);
        form.push_member("Tags", index, ".Value", value);
    }
    for (index, key) in (1_u32..).zip(&request.transitive_tag_keys) {
        form.push_member("TransitiveTagKeys", index, "", key);
    }
    form.0
}

/// A form, `name=value&name=value`.
struct Form(String);

impl Form {
    /// Names need no encoding. A space is a `+`, as the SDKs write it.
    fn push(&mut self, name: &str, value: &str) {
        for part in ["&", name, "="] {
            self.0.push_str(part);
        }
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                self.0.push(char::from(byte));
            } else if byte == b' ' {
                self.0.push('+');
            } else {
                self.0.push('%');
                for digit in [byte >> 4, byte & 0xf] {
                    let digit = char::from_digit(digit.into(), 16).unwrap_or_default();
                    self.0.push(digit.to_ascii_uppercase());
                }
            }
        }
    }

    fn push_member(&mut self, list: &str, index: u32, field: &str, value: &str) {
        let index = decimal(index).to_string();
        self.push(&[list, ".member.", &index, field].concat(), value);
    }
}
