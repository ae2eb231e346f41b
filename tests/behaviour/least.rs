//! The least that a run, a role and a server need of the machine: docs/images.md.

use epicac_tests::{Epicac, Serving, Sts};

use crate::cases::{each, generous_agent, gets_credentials};
use crate::roles::{READER, assuming, gets_role};

/// `ulimit`'s option, and its values for a run and for a server. Space is counted in KiB.
const LEAST: [(&str, [u32; 2]); 3] = [
    // Open files.
    ("-n", [16, 24]),
    // Address space.
    ("-v", [40 * 1024; 2]),
    // Memory that may be written to.
    ("-d", [12 * 1024; 2]),
];

fn limited(epicac: Epicac, option: &str, value: u32) -> Epicac {
    let script = format!("ulimit {option} {value}; exec \"$0\" \"$@\"");
    epicac.under(["sh", "-c", &script])
}

#[test]
fn it_runs_with_the_least_that_the_documentation_names() {
    each(&LEAST, |&(option, [of_a_run, of_a_server])| {
        let (agent, sts) = (generous_agent(), Sts::start().unwrap());
        gets_credentials(limited(Epicac::asking(&agent), option, of_a_run));
        let role = ["--role-arn", READER];
        gets_role(limited(assuming(&agent, &sts, &role), option, of_a_run), 1);
        let serving = Serving::start(
            limited(assuming(&agent, &sts, &[]), option, of_a_server),
            &role,
        );
        let served = serving.get("/v1/credentials").credentials();
        assert_eq!(served["AccessKeyId"], "ASIAROLE2");
    });
}
