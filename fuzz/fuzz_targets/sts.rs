//! No answer of STS panics, whatever its status, and none shows the credentials that it was asked with.

#![no_main]

use epicac_component::response::{Body, Response};
use epicac_component::sts::response::assumed_role;
use epicac_component::{Credentials, Role, RoleRequest, Secret, Service, Sts, Timestamp};
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

fuzz_target!(|answer: (u16, Vec<u8>)| {
    let (status, bytes) = answer;
    let base = Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: Secret::new(TOKEN),
        expiration: Timestamp::MAX,
        account_id: None,
    };
    let service = Service {
        region: Some("eu-west-1".into()),
        ..Service::default()
    };
    let Ok(sts) = Sts::of(&service) else { return };
    let request = RoleRequest::new("arn:aws:iam::123456789012:role/reader".into());
    let Ok(role) = Role::check(request, "fuzz", false) else { return };
    for status in [200, status] {
        let body = Body {
            bytes: bytes.clone(),
            error: None,
        };
        let response = Response {
            status,
            is_by_proxy: false,
            body,
        };
        if let Err(error) = assumed_role(response, &role, &sts, &base) {
            let sentence = error.to_string();
            assert!(!sentence.contains(TOKEN), "{sentence}");
            assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        }
    }
});
