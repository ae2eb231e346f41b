//! AWS as the pods meet it: where it is, the agent of the node, and the STS of their region.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use epicac_tests::aws::Aws;
use epicac_tests::{Agent, Answer, Authority, Request, TlsServer};
use epicac_tests::{credentials, sts};
use serde_json::{Value, json};

use crate::node::NAMESPACE;
use crate::server::Cluster;

/// The STS of the pods' region.
pub const STS: &str = "sts.us-west-2.amazonaws.com";
/// The end of the ARN of a role that nobody may assume.
pub const DENIED: &str = ":role/denied";
/// The pod whose credentials end within minutes.
pub const SHORT_LIVED: &str = "short-lived";

/// Where this test's AWS is. epicac itself finds AWS by its names.
pub const PLACES: &str = r"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: places-of-aws}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  variables:
    - name: names
      expression: >-
        ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS']
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >-
          Object{spec: Object.spec{
            containers: object.spec.containers.map(c, Object.spec.containers{
              name: c.name,
              env: variables.names.map(n, Object.spec.containers.env{name: n, value: 'ENDPOINT'})
            }),
            initContainers: (has(object.spec.initContainers) ? object.spec.initContainers : [])
              .filter(c, c.name != 'epicac').map(c, Object.spec.initContainers{
                name: c.name,
                env: variables.names.map(n, Object.spec.initContainers.env{name: n, value: 'ENDPOINT'})
              })
          }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: places-of-aws}
spec:
  policyName: places-of-aws
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: node}}}
";

/// The agent, for which the API server judges each token.
pub fn agent(cluster: &'static Cluster) -> Agent {
    let address = SocketAddr::from(([169, 254, 170, 23], 80));
    let agent = cluster.isolated.on_its_network(|| Agent::listen(address));
    let agent = agent.expect("the address is free");
    agent.handle(move |request| {
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": {"token": request.header("Authorization"), "audiences": ["pods.eks.amazonaws.com"]},
        });
        let arguments = ["create", "--output=json", "--filename", "-"];
        let review = cluster.kubectl_with(&review.to_string(), arguments);
        let review: Value = serde_json::from_str(&review.unwrap_or_default()).unwrap_or_default();
        let user = &review["status"]["user"];
        let name = user["username"].as_str().unwrap_or_default();
        let known = review["status"]["authenticated"] == true
            && name.starts_with(&format!("system:serviceaccount:{NAMESPACE}:"));
        if !known {
            let why = format!("the API server does not know it: {review}\n");
            return Some(Answer::text(403, &why));
        }
        let pod = &user["extra"]["authentication.kubernetes.io/pod-name"][0];
        (pod == SHORT_LIVED).then(|| Answer::json(&credentials::expiring_in(240)))
    });
    agent
}

/// AWS's STS in the region of the pods, by its own name and over TLS. It knows what [`Aws`] knows, but refuses a role
/// called [`DENIED`].
pub struct RegionalSts {
    pub agent: Agent,
    _tls: TlsServer,
    pub authority: Authority,
}

impl RegionalSts {
    pub fn start(cluster: &Cluster, aws: &Aws) -> Self {
        let aws = aws.endpoint.trim_start_matches("http://").to_owned();
        cluster.isolated.on_its_network(|| {
            let agent = Agent::start().expect("a port is free");
            agent.handle(move |request| {
                if sts::form(request)["RoleArn"].ends_with(DENIED) {
                    return Some(sts::refusal(403, "AccessDenied", "not for this pod"));
                }
                Some(Answer::raw(passed_on(request, &aws).unwrap_or_default()))
            });
            let authority = Authority::new().expect("an authority can be made");
            let address = SocketAddr::from(([10, 1, 0, 1], 443));
            let tls = TlsServer::listen(address, agent.address(), &authority, &[STS]);
            Self {
                agent,
                _tls: tls.expect("the address is free"),
                authority,
            }
        })
    }
}

/// What a server answers to a request.
fn passed_on(request: &Request, server: &str) -> io::Result<Vec<u8>> {
    let mut head = format!("{} {} HTTP/1.0\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(&[format!("{head}\r\n").as_bytes(), &request.body].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
