//! The least that a run, a role and a server need of the machine: docs/images.md.

use epicac_tests::{Epicac, Serving, Sts};

use crate::cases::{each, generous_agent, gets_credentials};
use crate::roles::{READER, assuming, gets_role};

/// `ulimit`'s option, and its value. Space is counted in KiB.
const LEAST: [(&str, u32); 3] = [
    // Open files.
    ("-n", 16),
    // Address space.
    ("-v", 40 * 1024),
    // Memory that is written to.
    ("-d", 12 * 1024),
];

fn limited(epicac: Epicac, (option, value): (&str, u32)) -> Epicac {
    let script = format!("ulimit {option} {value}; exec \"$0\" \"$@\"");
    epicac.under(["sh", "-c", &script])
}

#[test]
fn it_runs_with_the_least_that_the_documentation_names() {
    each(&LEAST, |&limit| {
        let (agent, sts) = (generous_agent(), Sts::start().unwrap());
        gets_credentials(limited(Epicac::asking(&agent), limit));
        let role = ["--role-arn", READER];
        gets_role(limited(assuming(&agent, &sts, &role), limit), 1);
        let serving = Serving::start(limited(assuming(&agent, &sts, &[]), limit), &role);
        let served = serving.get("/v1/credentials").credentials();
        assert_eq!(served["AccessKeyId"], "ASIAROLE2");
    });
}

/// Want of descriptors is told, and never waited for.
#[test]
fn with_less_it_fails_on_one_line() {
    let agent = generous_agent();
    let few: Vec<_> = (3..7).map(|number| ("-n", number)).collect();
    each(&few, |&limit| {
        limited(Epicac::asking(&agent), limit)
            .run()
            .fails_with(&["epicac: "]);
    });
}
