//! Service account tokens as Kubernetes projects them for EKS Pod Identity, and the checks that the agent
//! makes of them. No signature is made and none is verified: the agent does not verify it either (EKS
//! does), and a test has no cluster whose key could sign.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The audience that EKS Pod Identity asks for.
pub const AUDIENCE: &str = "pods.eks.amazonaws.com";

/// A token that expires `expires_in` seconds from now, or before now when negative. No two are alike.
pub fn test_token(expires_in: i64) -> String {
    test_token_with(json!({}), expires_in)
}

/// Like [`test_token`], with the members of `claims` put over the usual ones.
pub fn test_token_with(claims: Value, expires_in: i64) -> String {
    let now = crate::credentials::now();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut all = json!({
        "aud": [AUDIENCE],
        "exp": now.saturating_add(expires_in),
        "iat": now,
        "iss": "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        "jti": format!("{:x}", since_1970.unwrap_or_default().as_nanos()),
        "kubernetes.io": {
            "namespace": "default",
            "node": { "name": "ip-192-0-2-1.us-west-2.compute.internal" },
            "pod": { "name": "app", "uid": "11111111-2222-3333-4444-555555555555" },
            "serviceaccount": { "name": "app", "uid": "66666666-7777-8888-9999-000000000000" }
        },
        "nbf": now,
        "sub": "system:serviceaccount:default:app",
    });
    if let (Value::Object(all), Value::Object(claims)) = (&mut all, claims) {
        all.extend(claims);
    }
    let header = json!({ "alg": "RS256", "kid": "0123456789abcdef0123456789abcdef01234567" });
    let [header, claims] = [header, all].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signature =
        URL_SAFE_NO_PAD.encode("not a signature: nobody verifies it in a test".repeat(5));
    format!("{header}.{claims}.{signature}")
}

/// Why the agent would answer 400 to this token: the text of the answer. `None` when it accepts it.
///
/// The sentences are those of the agent's `internal/validation/request.go` and of golang-jwt v5. Audience
/// and a missing expiry are checked by EKS rather than by the agent, whose error the agent passes on.
pub fn claim_rejection(token: &str) -> Option<String> {
    if token.is_empty() {
        return Some("Service account token cannot be empty".to_owned());
    }
    let claims = match claims(token) {
        Ok(claims) => claims,
        Err(why) => {
            return Some(format!(
                "Service account token cannot be parsed: token is malformed: {why}"
            ));
        }
    };
    let now = crate::credentials::now();
    let invalid = |why| {
        Some(format!(
            "Service account token failed basic claim validations: {why}"
        ))
    };
    match claims.get("exp").and_then(Value::as_i64) {
        Some(expiry) if expiry <= now => return invalid("token is expired"),
        Some(_) => {}
        None => return Some(invalid_token("The token has no expiry")),
    }
    if claims
        .get("nbf")
        .and_then(Value::as_i64)
        .is_some_and(|start| start > now)
    {
        return invalid("token is not valid yet");
    }
    let audience = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(|one| one == AUDIENCE),
        Some(one) => one == AUDIENCE,
        None => false,
    };
    (!audience).then(|| invalid_token("The token's audience is not pods.eks.amazonaws.com"))
}

fn claims(token: &str) -> Result<Value, &'static str> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err("token contains an invalid number of segments");
    };
    json_part(
        header,
        "could not base64 decode header",
        "could not JSON decode header",
    )?;
    URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| "could not base64 decode signature")?;
    json_part(
        claims,
        "could not base64 decode claim",
        "could not JSON decode claim",
    )
}

fn json_part(
    part: &str,
    no_base64: &'static str,
    no_json: &'static str,
) -> Result<Value, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| no_base64)?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| no_json)?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(no_json)
    }
}

fn invalid_token(why: &str) -> String {
    format!("[aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb]: (InvalidTokenException): {why}, fault: client")
}
