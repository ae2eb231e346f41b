//! Each SDK by its own container provider, beside `epicac serve`: two variables, and no aws-config.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use epicac_tests::aws::{ACCOUNT, Aws};
use epicac_tests::{Agent, Application, Epicac, Pod, Serving, paths};
use serde_json::Value;

use crate::flow::{LIFETIME, expiring, record, saw_the_other_account};
use crate::sdk::Sdk;

/// A pod with `epicac serve` in it, and an application beside that.
struct Beside {
    pod: Pod,
    serving: Serving,
    application: Application,
}

impl Beside {
    /// `None` means that the test is skipped. What is done to the server happens before the application starts.
    fn start(
        sdk: &Sdk,
        agent: Agent,
        sessions: Duration,
        to: impl Fn(&mut Serving),
    ) -> Option<Self> {
        paths::epicac()?;
        let mut command = (sdk.application)()?;
        let (pod, aws) = (Pod::with(agent), Aws::with_sessions_of(sessions)?);
        let role = format!("arn:aws:iam::{ACCOUNT}:role/destination");
        let epicac = Epicac::asking(&pod.agent)
            .token_file(pod.token_file())
            .var("AWS_REGION", "us-west-2")
            .var("AWS_ENDPOINT_URL_STS", &aws.endpoint);
        let options = ["--role-arn", &role, "--session-name=real-flow"];
        let mut serving = Serving::start(epicac, &options);
        pod.prepare_beside(&mut command, &serving, &aws);
        to(&mut serving);
        // Some chains go on to the node's own credentials. Nobody has them at this port.
        let nobody = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let nobody = format!("http://{}", nobody.expect("a free port"));
        command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody);
        let mut application = Application::start(&mut command, aws);
        application.version();
        Some(Self {
            pod,
            serving,
            application,
        })
    }

    fn asked(&self) -> usize {
        self.pod.agent.requests().len()
    }
}

pub fn calls_and_refreshes(name: &str, sdk: &Sdk) {
    let Some(mut beside) = Beside::start(sdk, expiring(), LIFETIME, |_| ()) else {
        return;
    };
    let seen = beside.application.call();
    if !sdk.knows_full_uri {
        failed(&seen);
        assert_eq!(beside.asked(), 0, "nobody has asked `epicac serve`");
        let cell = "cannot be: this SDK does not know `AWS_CONTAINER_CREDENTIALS_FULL_URI`";
        record(name, "calls by serve", cell);
        record(name, "refreshes by serve", "–");
        return;
    }
    saw_the_other_account(&seen);
    let asked = beside.asked();
    assert!(asked > 0, "the credentials come from the agent");

    thread::sleep(LIFETIME + Duration::from_secs(1));
    saw_the_other_account(&beside.application.call());
    assert!(beside.asked() > asked, "it is asked again");
    beside.application.end();
    assert_eq!(beside.serving.end(), "");
    record(name, "calls by serve", "passed");
    record(name, "refreshes by serve", "passed");
}

/// The agent is up, and the application does not know it.
pub fn without_the_server(name: &str, sdk: &Sdk) {
    let agent = Agent::start().expect("the stand-in agent starts");
    let stopped = |serving: &mut Serving| drop(serving.end());
    let Some(mut beside) = Beside::start(sdk, agent, Duration::ZERO, stopped) else {
        return;
    };
    failed(&beside.application.call());
    assert_eq!(beside.pod.agent.connections(), 0, "nobody asks the agent");
    record(name, "without serve", "fails");
}

fn failed(seen: &Value) {
    assert!(seen["error"].is_string(), "it called AWS: {seen}");
}
