//! The surroundings of a guest: the endpoint and the token that it is granted, and beside them the hosts
//! and files that it is not.

use crate::case::{Case, Endpoint, Target};
use crate::watch::Watch;
use epicac_tests::Agent;
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const FILE_TOKEN: &str = "the-token-of-the-file";
const VARIABLE_TOKEN: &str = "the-token-of-the-variable";

pub struct Place {
    /// The endpoint.
    pub agent: Agent,
    /// STS.
    pub sts: Agent,
    other_host: Agent,
    other_port: Agent,
    root: TempDir,
    before: BTreeMap<PathBuf, String>,
    watch: Watch,
}

impl Place {
    /// `token` and `neighbour` in a folder, `link` there to `outside`, which lies above.
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("token"), FILE_TOKEN).unwrap();
        fs::write(folder.join("neighbour"), "the neighbour's secret").unwrap();
        fs::write(root.path().join("outside"), "a secret from outside").unwrap();
        symlink("../outside", folder.join("link")).unwrap();
        let before = content(&folder);
        Self {
            agent: Agent::start().unwrap(),
            sts: Agent::start().unwrap(),
            other_host: Agent::listen(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).unwrap(),
            other_port: Agent::start().unwrap(),
            watch: Watch::on(&folder, &root.path().join("outside"), "token"),
            root,
            before,
        }
    }

    /// Where the process is to tell how much memory it had.
    pub fn report(&self) -> PathBuf {
        self.root.path().join("report")
    }

    /// The environment of the process. The token begins with the name of the attack, for the component to choose it.
    pub fn variables(&self, guest: &str, case: &Case) -> Vec<(&'static str, String)> {
        let path = |name| self.root.path().join(name).display().to_string();
        let target = match case.target {
            Target::OtherHost => self.other_host.address().to_string(),
            Target::OtherPort => self.other_port.address().to_string(),
            Target::Outside => path("outside"),
            Target::Token => VARIABLE_TOKEN.to_owned(),
        };
        let mut variables = vec![
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                format!("{guest}/{target}"),
            ),
            ("AWS_SECRET_ACCESS_KEY", "another secret".to_owned()),
            ("AWS_SESSION_TOKEN", "another secret".to_owned()),
            ("HOME", "/home/of/another".to_owned()),
            ("PATH", "/path/of/another".to_owned()),
        ];
        if case.role {
            let url = format!("http://{}", self.sts.address());
            variables.push(("AWS_ENDPOINT_URL_STS", url));
        }
        if case.token_file {
            let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
            variables.push((name, path("folder/token")));
        }
        let endpoint = match case.endpoint {
            Endpoint::Agent => self.agent.url(),
            Endpoint::Https => self.agent.url().replace("http:", "https:"),
            Endpoint::None => return variables,
        };
        variables.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint));
        variables
    }

    /// What must not be told.
    pub fn secrets(&self) -> [&'static str; 4] {
        [FILE_TOKEN, VARIABLE_TOKEN, "secret from", "another secret"]
    }

    /// Asserts that no forbidden place was reached, and endpoint and STS by that many requests at most, each
    /// of those to the endpoint the one that is allowed.
    pub fn nobody_came(&self, requests: usize, sts_requests: usize) {
        assert_eq!(self.other_host.connections(), 0, "to the other host");
        assert_eq!(self.other_port.connections(), 0, "to the other port");
        let connections = self.sts.connections();
        assert!(connections <= sts_requests, "{connections} to STS");
        let connections = self.agent.connections();
        assert!(connections <= requests, "{connections} connections");
        for request in self.agent.requests() {
            assert_eq!(request.method, "GET");
            assert_eq!(request.target, "/v1/credentials");
            let host = self.agent.address().to_string();
            assert_eq!(request.header_values("host"), [host]);
        }
        self.watch.saw_nobody();
        assert_eq!(content(&self.root.path().join("folder")), self.before);
    }
}

/// The files of a folder, by their names.
fn content(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}
