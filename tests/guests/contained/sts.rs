//! Requests to STS that the policy does not allow, of guests that may assume one role with an external id.

use crate::case::{Target, contained, says};
use epicac_tests::Answer;

const ASSUMES: &str = "may be assumed only as the command line says";

contained! {
    sts_other_role: says(ASSUMES).with_role();
    sts_other_action: says(ASSUMES).with_role();
    sts_more_parameters: says(ASSUMES).with_role();
    sts_two_readings: says(ASSUMES).with_role();
    sts_query: says("only the path / of the STS may be sent a POST").with_role();
    sts_other_host: says("only the STS that is configured may be sent a POST")
        .with_role()
        .reaching(Target::OtherHost);
    sts_large_body: says(ASSUMES).with_role();
    sts_million_requests: says("limit `requests`").with_role().assumed(35, Answer::status(500));
}
