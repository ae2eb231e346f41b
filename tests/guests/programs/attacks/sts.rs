//! Requests to STS that the policy does not allow, of a guest that may assume one role with an external id.

use crate::attacks;
use kit::Outcome;

attacks![
    sts_large_body,
    sts_million_requests,
    sts_more_parameters,
    sts_other_action,
    sts_other_host,
    sts_other_role,
    sts_query,
    sts_two_readings,
];

/// Posts a body that is larger than any form of STS.
fn sts_large_body() -> Outcome {
    let form = kit::form() + "&Policy=" + &"x".repeat(100_000);
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
}

/// Assumes the role that it may assume a thousand times.
fn sts_million_requests() -> Outcome {
    for _ in 0..1_000 {
        kit::post(&kit::sts(), "/", kit::form().as_bytes());
    }
    kit::pretend()
}

/// Assumes the role for longer than the command line says.
fn sts_more_parameters() -> Outcome {
    let form = kit::form() + "&DurationSeconds=43200";
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
}

/// Asks STS for something else than a role.
fn sts_other_action() -> Outcome {
    let form = kit::form().replace("AssumeRole", "GetFederationToken");
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
}

/// Posts to another host than that of STS.
fn sts_other_host() -> Outcome {
    kit::post(&kit::target(), "/", kit::form().as_bytes());
    kit::pretend()
}

/// Assumes a role that the command line does not name.
fn sts_other_role() -> Outcome {
    let form = kit::form().replace("reader", "administrator");
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
}

/// Puts another role into the query of the URL.
fn sts_query() -> Outcome {
    kit::post(
        &kit::sts(),
        "/?RoleArn=arn:aws:iam::111111111111:role/administrator",
        kit::form().as_bytes(),
    );
    kit::pretend()
}

/// Names two roles, of which the host may read one and STS the other.
fn sts_two_readings() -> Outcome {
    let form = kit::form() + "&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fadministrator";
    kit::post(&kit::sts(), "/", form.as_bytes());
    kit::pretend()
}
