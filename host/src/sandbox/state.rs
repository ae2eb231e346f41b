//! The host's side of one instance of the component: its grants, and its open resources.

use crate::grants::{Admitted, TokenFile};
use crate::limits::Limit;
use crate::sandbox::limiter::Limiter;
use crate::sandbox::outgoing::Outgoing;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::clocks::{WasiClocksCtx, WasiClocksCtxView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

/// The data of a store.
pub(crate) struct State {
    /// The program's name, and the granted arguments.
    pub(crate) arguments: Vec<String>,
    /// The granted variables.
    pub(crate) variables: Vec<(String, String)>,
    /// The granted file.
    pub(crate) token_file: Option<TokenFile>,
    /// The open resources.
    pub(crate) table: ResourceTable,
    /// The bounds of memories and tables.
    pub(crate) limiter: Limiter,
    /// Outgoing requests, and the gate before them.
    pub(crate) outgoing: Outgoing,
    /// When this run ends at the latest.
    pub(crate) deadline: Instant,
    clocks: WasiClocksCtx,
    http: WasiHttpCtx,
}

impl State {
    /// The state of a new instance that may do what is `admitted`, and whose run ends at `deadline`.
    pub(crate) fn new(admitted: &Arc<Admitted>, deadline: Instant) -> Self {
        let limits = admitted.limits();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.resources);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.header_bytes);
        Self {
            arguments: admitted.arguments().to_vec(),
            variables: admitted.variables().to_vec(),
            token_file: admitted.token_file().cloned(),
            table,
            limiter: Limiter::new(limits),
            outgoing: Outgoing::new(admitted.clone()),
            deadline,
            clocks: WasiClocksCtx::default(),
            http,
        }
    }

    /// Stops a guest that keeps the host busy. Calls of the host cost no fuel, and those that do not wait
    /// give the executor no chance to look at the clock.
    pub(crate) fn check_deadline(&self) -> Result<()> {
        if Instant::now() >= self.deadline {
            return Err(Limit::Deadline.into());
        }
        Ok(())
    }

    /// The clocks, as wasmtime-wasi implements them.
    pub(crate) fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView {
            ctx: &mut self.clocks,
            table: &mut self.table,
        }
    }

    /// HTTP, as wasmtime-wasi-http implements it, with our gate before each request.
    pub(crate) fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outgoing,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
