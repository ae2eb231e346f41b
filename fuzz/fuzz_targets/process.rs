//! The output of a credential process: never a panic, and serde_json reads back what was written.
#![no_main]

use epicac_component::{Credentials, Secret, Timestamp, process};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (String, String, String, Option<String>, i64)| {
    let (access_key_id, key, token, account_id, seconds) = texts;
    let credentials = Credentials {
        access_key_id,
        secret_access_key: Secret::new(key),
        session_token: Secret::new(token),
        expiration: Timestamp::from_unix(seconds).unwrap_or(Timestamp::MAX),
        account_id,
    };
    if let Ok(document) = process::output(&credentials) {
        assert!(document.len() < 64_000 && !document.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&document).expect("JSON");
        assert_eq!(value["Version"], 1);
        assert_eq!(value["AccessKeyId"], *credentials.access_key_id);
        assert_eq!(value["SecretAccessKey"], *credentials.secret_access_key.expose());
        assert_eq!(value["SessionToken"], *credentials.session_token.expose());
        assert_eq!(value["Expiration"], credentials.expiration.to_string());
        let account_id = credentials.account_id.filter(|id| !id.is_empty());
        assert_eq!(value.get("AccountId").and_then(|id| id.as_str()), account_id.as_deref());
    }
});
