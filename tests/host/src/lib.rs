//! A host of epicac.wasm on Wasmtime alone. The caller says what is granted, to the single URL, over http.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

mod bindings {
    #![allow(missing_docs, reason = "generated")]
    wasmtime::component::bindgen!({
        inline: "
            package epicac:embedding;
            world embedding {
                export epicac:credentials/types@0.1.0;
                export epicac:credentials/transform@0.1.0;
                export epicac:credentials/provider@0.1.0;
            }
        ",
        world: "epicac:embedding/embedding",
        path: "../../wit",
        with: { "wasi:clocks/wall-clock": wasmtime_wasi::p2::bindings::clocks::wall_clock },
    });
}

use bindings::Embedding;
pub use bindings::exports::epicac::credentials::types::{
    Cause, Credentials, Error as CredentialsError,
};

/// An instance of the component.
pub struct Epicac {
    store: Store<State>,
    instance: Embedding,
}

impl Epicac {
    /// An instance that may use what `wasi` grants, and send GET requests to `url` alone, over http.
    ///
    /// # Errors
    ///
    /// When the component is not epicac.wasm.
    pub fn new(engine: &Engine, component: &Component, wasi: WasiCtx, url: &str) -> Result<Self> {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker)?;
        let state = State {
            wasi,
            http: WasiHttpCtx::new(),
            outgoing: Outgoing(url.to_owned()),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(engine, state);
        let instance = Embedding::instantiate(&mut store, component, &linker)?;
        Ok(Self { store, instance })
    }

    /// The credentials of the workload.
    pub fn get_credentials(&mut self) -> Result<Result<Credentials, CredentialsError>> {
        let provider = self.instance.epicac_credentials_provider();
        provider.call_get_credentials(&mut self.store)
    }

    /// The credentials that the caller keeps, until five minutes before they expire; and then new ones.
    pub fn refreshed(
        &mut self,
        kept: Credentials,
    ) -> Result<Result<Credentials, CredentialsError>> {
        let refresh = Duration::from_secs(kept.expiration.seconds.saturating_sub(300));
        match SystemTime::now() < UNIX_EPOCH + refresh {
            true => Ok(Ok(kept)),
            false => self.get_credentials(),
        }
    }

    /// The output of a credential process.
    pub fn to_process(
        &mut self,
        credentials: &Credentials,
    ) -> Result<Result<String, CredentialsError>> {
        let transform = self.instance.epicac_credentials_transform();
        transform.call_to_process(&mut self.store, credentials)
    }
}

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outgoing: Outgoing,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outgoing,
        }
    }
}

/// The one URL that may be asked, over http: there is no TLS here, and what is meant for https must not go
/// in the clear.
struct Outgoing(String);

type Sent = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let allowed = request.method() == http::Method::GET
            && request.uri().scheme_str() == Some("http")
            && *request.uri() == *self.0;
        Box::new(async move {
            match allowed {
                true => send(request).await,
                false => Err(Error::HttpRequestDenied),
            }
        })
    }
}

async fn send(mut request: http::Request<WasiBody>) -> Sent {
    let uri = std::mem::take(request.uri_mut());
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = tokio::net::TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await;
    let stream = TokioIo::new(stream.map_err(Error::Connect)?);
    let path = uri.path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, http::Uri::from);
    let (mut sender, connection) = http1::handshake(stream).await?;
    let connection = wasmtime_wasi::runtime::spawn(connection);
    let response = sender.send_request(request).await?;
    let response = response.map(|body| body.map_err(Error::from).boxed_unsync());
    Ok((response, Box::new(async move { Ok(connection.await?) })))
}
