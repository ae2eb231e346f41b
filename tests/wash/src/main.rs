//! Serves the HTTP handler in a file by wasmCloud's runtime, and prints where.

use std::collections::HashMap;
use std::future::pending;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use wash_runtime::engine::Engine;
use wash_runtime::host::{HostApi as _, HostBuilder};
use wash_runtime::plugin::wasi_http::HttpServer;
use wash_runtime::types::{
    Component, HostPathVolume, LocalResources, Volume, VolumeMount, VolumeType, Workload,
    WorkloadStartRequest, WorkloadState,
};
use wash_runtime::wit::WitInterface;

const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const VARIABLES: [&str; 4] = [
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    TOKEN,
];

#[tokio::main]
async fn main() -> Result<()> {
    let file = env::args_os().nth(1).context("name a component")?;
    // The plugin does not tell which port the system chooses for it.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let host = HostBuilder::new()
        .with_engine(Engine::builder().build()?)
        .with_plugin(Arc::new(HttpServer::new(address)))?
        .build()?
        .start()
        .await?;

    let token = env::var(TOKEN)?;
    let folder = Path::new(&token)
        .parent()
        .context("the token is in a folder")?;
    let folder = folder.display().to_string();
    let variable = |name: &str| Some((name.to_owned(), env::var(name).ok()?));
    let component = Component {
        bytes: fs::read(file)?.into(),
        local_resources: LocalResources {
            environment: VARIABLES.into_iter().filter_map(variable).collect(),
            volume_mounts: vec![VolumeMount {
                name: "token".to_owned(),
                mount_path: folder.clone(),
                read_only: true,
            }],
            ..LocalResources::default()
        },
        ..Component::default()
    };
    let workload = Workload {
        namespace: "default".to_owned(),
        name: "buckets".to_owned(),
        annotations: HashMap::new(),
        service: None,
        components: vec![component],
        host_interfaces: vec![WitInterface::from("wasi:http/incoming-handler")],
        volumes: vec![Volume {
            name: "token".to_owned(),
            volume_type: VolumeType::HostPath(HostPathVolume { local_path: folder }),
        }],
    };
    let started = host
        .workload_start(WorkloadStartRequest { workload })
        .await?;
    let status = started.workload_status;
    ensure!(
        status.workload_state == WorkloadState::Running,
        "{}",
        status.message
    );
    println!("http://{address}");
    pending().await
}
