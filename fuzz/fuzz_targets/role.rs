//! A role and its session policy: never a panic, and a policy that is taken is an object of JSON.
#![no_main]

use epicac_component::{Role, RoleRequest};
use libfuzzer_sys::fuzz_target;

const ARN: &str = "arn:aws:iam::123456789012:role/reader";

fuzz_target!(|texts: (String, String)| {
    let (arn, policy) = texts;
    if let Ok(role) = Role::check(RoleRequest::new(arn.clone()), "session", false) {
        assert!(arn.starts_with(&format!("arn:{}:iam::", role.partition())));
    }
    let limited = RoleRequest {
        session_policy: Some(policy.clone()),
        ..RoleRequest::new(ARN.to_owned())
    };
    if Role::check(limited, "session", false).is_ok() {
        // What is skipped is less than what is read: a number too large, half of a surrogate pair.
        assert!(policy.trim_start().starts_with('{') && policy.trim_end().ends_with('}'));
    }
});
