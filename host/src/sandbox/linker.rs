//! What the component can call: the functions of the world in `wit/`, one by one, and nothing else.
//!
//! Streams, polling, clocks and HTTP resources are those of wasmtime-wasi and wasmtime-wasi-http; the
//! environment and the file system are this crate's own few lines ([`State`],
//! [`TokenFile`](crate::TokenFile)). A function that is not in here or in `http` does not exist for the guest.

mod http;
mod store;

use crate::grants::Descriptor;
use crate::sandbox::state::State;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Store, functions, outcome, resource};
use wasmtime::Result;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::Host as _;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable};
use wasmtime_wasi::p2::bindings::io::streams::{
    self, Host as _, HostInputStream as _, HostOutputStream as _,
};
use wasmtime_wasi::p2::pipe::SinkOutputStream;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

/// Adds the functions of the world to `linker`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    cli(linker)?;
    clocks(linker)?;
    filesystem(linker)?;
    io(linker)?;
    http::types(&mut linker.instance("wasi:http/types@0.2.0")?)?;
    http::outgoing_handler(&mut linker.instance("wasi:http/outgoing-handler@0.2.0")?)
}

fn cli(linker: &mut Linker<State>) -> Result<()> {
    let mut environment = linker.instance("wasi:cli/environment@0.2.0")?;
    functions! { environment, state = state => state;
        "get-environment"() => state.variables.clone();
        "get-arguments"() => state.arguments.clone();
    }
    // Nobody asked the guest to print: what it writes goes nowhere.
    linker
        .instance("wasi:cli/stdout@0.2.0")?
        .func_wrap("get-stdout", sink)?;
    linker
        .instance("wasi:cli/stderr@0.2.0")?
        .func_wrap("get-stderr", sink)
}

fn sink(mut store: Store<'_>, (): ()) -> Result<(Resource<DynOutputStream>,)> {
    let stream: DynOutputStream = Box::new(SinkOutputStream);
    Ok((store.data_mut().table.push(stream)?,))
}

fn clocks(linker: &mut Linker<State>) -> Result<()> {
    linker
        .instance("wasi:clocks/wall-clock@0.2.0")?
        .func_wrap("now", |_: Store<'_>, (): ()| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            Ok((Datetime {
                seconds: now.as_secs(),
                nanoseconds: now.subsec_nanos(),
            },))
        })?;
    let mut monotonic = linker.instance("wasi:clocks/monotonic-clock@0.2.0")?;
    functions! { monotonic, clocks = state => state.clocks();
        "now"() => clocks.now()?;
        "subscribe-instant"(when: u64) => clocks.subscribe_instant(when)?;
    }
    Ok(())
}

fn filesystem(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance("wasi:filesystem/types@0.2.0")?;
    resource::<Descriptor>(&mut types, "descriptor")?;
    functions! { types, table = state => &mut state.table;
        "[method]descriptor.open-at"(
            folder: Resource<Descriptor>,
            _links: PathFlags,
            path: String,
            open_flags: OpenFlags,
            flags: DescriptorFlags
        ) => match table.get(&folder)?.open_at(&path, open_flags, flags)? {
            Ok(file) => Ok(table.push(file)?),
            Err(code) => Err(code),
        };
        "[method]descriptor.read"(file: Resource<Descriptor>, length: u64, offset: u64) =>
            table.get(&file)?.read(length, offset);
    }
    let mut preopens = linker.instance("wasi:filesystem/preopens@0.2.0")?;
    functions! { preopens, state = state => state;
        "get-directories"() => {
            let mut folders = Vec::new();
            if let Some(token_file) = &state.token_file {
                let name = token_file.folder().to_owned();
                let folder = Descriptor::Folder(token_file.clone());
                folders.push((state.table.push(folder)?, name));
            }
            folders
        };
    }
    Ok(())
}

fn io(linker: &mut Linker<State>) -> Result<()> {
    resource::<streams::Error>(&mut linker.instance("wasi:io/error@0.2.0")?, "error")?;

    let mut poll = linker.instance("wasi:io/poll@0.2.0")?;
    poll.resource(
        "pollable",
        ResourceType::host::<DynPollable>(),
        |mut store, rep| {
            // A pollable may own what it waits for, which then goes with it.
            HostPollable::drop(&mut store.data_mut().table, Resource::new_own(rep))
        },
    )?;
    poll.func_wrap_async(
        "poll",
        |mut store: Store<'_>, (pollables,): (Vec<Resource<DynPollable>>,)| {
            Box::new(async move { Ok((store.data_mut().table.poll(pollables).await?,)) })
        },
    )?;

    let mut streams = linker.instance("wasi:io/streams@0.2.0")?;
    resource::<DynInputStream>(&mut streams, "input-stream")?;
    resource::<DynOutputStream>(&mut streams, "output-stream")?;
    functions! { streams, table = state => &mut state.table;
        "[method]input-stream.read"(stream: Resource<DynInputStream>, length: u64) =>
            outcome(table.read(stream, length), |error| table.convert_stream_error(error))?;
        "[method]input-stream.subscribe"(stream: Resource<DynInputStream>) =>
            streams::HostInputStream::subscribe(table, stream)?;
        "[method]output-stream.check-write"(stream: Resource<DynOutputStream>) =>
            outcome(table.check_write(stream), |error| table.convert_stream_error(error))?;
        "[method]output-stream.write"(stream: Resource<DynOutputStream>, contents: Vec<u8>) =>
            outcome(table.write(stream, contents), |error| table.convert_stream_error(error))?;
    }
    streams.func_wrap_async(
        "[method]output-stream.blocking-write-and-flush",
        |mut store: Store<'_>, (stream, contents): (Resource<DynOutputStream>, Vec<u8>)| {
            Box::new(async move {
                let table = &mut store.data_mut().table;
                let written = table.blocking_write_and_flush(stream, contents).await;
                let written = outcome(written, |error| table.convert_stream_error(error))?;
                Ok((written,))
            })
        },
    )
}
