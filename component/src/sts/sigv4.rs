//! AWS Signature Version 4, for requests whose path is `/` and that have no query.
//!
//! It is written by hand, because AWS's own aws-sigv4 needs std. The tests compare the two.
//!
//! The names are those of "Create a signed AWS API request" in the IAM user guide.

use alloc::string::{String, ToString};
use core::fmt::Write;

use hmac::digest::Output;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The signed parts of a request.
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The signed header fields, sorted by name. Names are in lower case. Values have no white space around them, and
    /// no two spaces in a row.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// The credentials, and the scope of the signature.
pub struct Signer<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_access_key: &'a Secret,
    /// The region.
    pub region: &'a str,
    /// The service's name, for example `sts`.
    pub service: &'a str,
}

impl Signer<'_> {
    /// The value of the `Authorization` header of a request that is sent at this moment, written by
    /// [`amz_date`].
    pub fn authorization(&self, request: &Request<'_>, date: &str) -> String {
        let day = date.get(..8).unwrap_or(date);
        let scope = [day, self.region, self.service, "aws4_request"].join("/");
        let signed = signed_headers(request);
        let hash = hex(&Sha256::digest(canonical(request, &signed)));
        let to_sign = [ALGORITHM, date, &scope, &hash].join("\n");
        let signature = hex(&mac(&self.signing_key(day), &to_sign));
        [
            "AWS4-HMAC-SHA256 Credential=",
            self.access_key_id,
            "/",
            &scope,
            ", SignedHeaders=",
            &signed,
            ", Signature=",
            &signature,
        ]
        .concat()
    }

    fn signing_key(&self, day: &str) -> Output<Sha256> {
        let secret = Secret::new(["AWS4", self.secret_access_key.expose()].concat());
        let day = mac(secret.expose().as_bytes(), day);
        let region = mac(&day, self.region);
        let service = mac(&region, self.service);
        mac(&service, "aws4_request")
    }
}

/// The value of the `X-Amz-Date` header at this moment: `YYYYMMDDTHHMMSSZ`.
pub fn amz_date(moment: Timestamp) -> String {
    moment.to_string().replace(['-', ':'], "")
}

/// The canonical request.
fn canonical(request: &Request<'_>, signed: &str) -> String {
    let mut text = [request.method, "\n/\n\n"].concat();
    for (name, value) in request.headers {
        for part in [name, ":", value, "\n"] {
            text.push_str(part);
        }
    }
    for part in ["\n", signed, "\n", &hex(&Sha256::digest(request.body))] {
        text.push_str(part);
    }
    text
}

fn signed_headers(request: &Request<'_>) -> String {
    let mut names = String::new();
    for (name, _) in request.headers {
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name);
    }
    names
}

fn mac(key: &[u8], text: &str) -> Output<Sha256> {
    // HMAC accepts keys of any length, so this never fails.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => Hmac::new(&Default::default()),
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
