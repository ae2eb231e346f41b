//! The request to STS: one signed POST with a form as its body.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use form_urlencoded::Serializer;

use crate::credentials::{Credentials, CredentialsError};
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
/// Fails when `base` cannot be sent.
pub fn assume_role(
    role: &Role,
    base: &Credentials,
    sts: &Sts,
    now: Timestamp,
) -> Result<Post, CredentialsError> {
    base.check_filled()?;
    for (field, text) in base.fields() {
        // A space could be folded on the way, and the signature would not fit any more.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CredentialsError::Character(field));
        }
    }
    let body = form(role);
    let date = sigv4::amz_date(now);
    let authority = sts.endpoint().authority();
    let signed = [
        ("content-type", CONTENT_TYPE),
        ("host", &authority),
        ("x-amz-date", &date),
        ("x-amz-security-token", base.session_token.expose()),
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
    let length = body.len().to_string();
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

/// The parameters of `AssumeRole`, as a form: the whole body. The host lets nothing else through to STS.
pub fn form(role: &Role) -> String {
    let request = role.request();
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", "AssumeRole")
        .append_pair("Version", "2011-06-15")
        .append_pair("RoleArn", &request.arn);
    let duration = request.duration.map(|seconds| seconds.to_string());
    for (name, value) in [
        ("RoleSessionName", &request.session_name),
        ("DurationSeconds", &duration),
        ("ExternalId", &request.external_id),
        ("SourceIdentity", &request.source_identity),
        ("Policy", &request.session_policy),
    ] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    for (number, arn) in (1..).zip(&request.policy_arns) {
        form.append_pair(&format!("PolicyArns.member.{number}.arn"), arn);
    }
    for (number, (key, value)) in (1..).zip(&request.tags) {
        form.append_pair(&format!("Tags.member.{number}.Key"), key)
            .append_pair(&format!("Tags.member.{number}.Value"), value);
    }
    for (number, key) in (1..).zip(&request.transitive_tag_keys) {
        form.append_pair(&format!("TransitiveTagKeys.member.{number}"), key);
    }
    form.finish()
}
