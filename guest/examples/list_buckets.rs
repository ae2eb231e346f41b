//! Lists the buckets that the workload may see, with the credentials of `epicac.wasm`.

use aws_config::BehaviorVersion;
use aws_smithy_wasm::wasi::{WasiHttpClientBuilder, WasiSleep};

#[wstd::main]
async fn main() -> Result<(), aws_sdk_s3::Error> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .credentials_provider(epicac_guest::Epicac)
        .http_client(WasiHttpClientBuilder::new().build())
        .sleep_impl(WasiSleep)
        .load()
        .await;
    for bucket in aws_sdk_s3::Client::new(&config)
        .list_buckets()
        .send()
        .await?
        .buckets()
    {
        println!("{}", bucket.name().unwrap_or_default());
    }
    Ok(())
}
