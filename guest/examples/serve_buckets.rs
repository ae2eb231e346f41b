//! Answers each HTTP request with the buckets of another account: its role is assumed with the credentials of `epicac.wasm`.

use aws_config::BehaviorVersion;
use aws_config::sts::AssumeRoleProvider;
use aws_smithy_wasm::wasi::{WasiHttpClientBuilder, WasiSleep};
use wstd::http::body::Body;
use wstd::http::{Error, Request, Response};

const ROLE: &str = "arn:aws:iam::222222222222:role/dest";

#[wstd::http_server]
async fn main(_request: Request<Body>) -> Result<Response<Body>, Error> {
    let own = aws_config::defaults(BehaviorVersion::latest())
        .credentials_provider(epicac_guest::Epicac)
        .http_client(WasiHttpClientBuilder::new().build())
        .sleep_impl(WasiSleep)
        .load()
        .await;
    let role = AssumeRoleProvider::builder(ROLE)
        .configure(&own)
        .build_from_provider(epicac_guest::Epicac)
        .await;
    let config = own
        .into_builder()
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(role))
        .build();
    let listed = aws_sdk_s3::Client::new(&config)
        .list_buckets()
        .send()
        .await?;
    let names = listed.buckets().iter().filter_map(|bucket| bucket.name());
    Ok(Response::new(
        names
            .map(|name| format!("{name}\n"))
            .collect::<String>()
            .into(),
    ))
}
