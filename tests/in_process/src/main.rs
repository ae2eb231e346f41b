//! Asks the library for credentials again and again, as a program that has it built in, and prints what
//! that took: the calls that failed, the seconds of all calls, the median and the 99th percentile of a call in µs, the peak memory
//! after the first call and after the last one in KiB.
//!
//! `epicac-in-process cached|refreshed|fresh CALLS`, in the environment of a pod. `cached` and `refreshed`
//! keep one provider; which of them it is depends on how long the endpoint's credentials are valid.
//! `fresh` makes a provider for each call, and with it an instance of the component.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Instant;

use epicac::{Grants, Sandbox};

const USAGE: &str = "usage: epicac-in-process cached|refreshed|fresh CALLS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, calls] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let calls: usize = calls.parse()?;
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match mode.as_str() {
        "cached" | "refreshed" => executor.block_on(measured(calls, false)),
        "fresh" => executor.block_on(measured(calls, true)),
        _ => Err(USAGE.into()),
    }
}

async fn measured(calls: usize, fresh: bool) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::new()?;
    let grants = Grants::from_process()?;
    let kept = sandbox.provider(grants.clone());
    kept.get_credentials().await?;
    let first_kib = peak_kib()?;

    let mut failed = 0;
    let mut nanoseconds = Vec::with_capacity(calls);
    let start = Instant::now();
    for _ in 0..calls {
        let call = Instant::now();
        let outcome = if fresh {
            sandbox.provider(grants.clone()).get_credentials().await
        } else {
            kept.get_credentials().await
        };
        if let Err(error) = outcome {
            // The first one says enough.
            if failed == 0 {
                eprintln!("call {}: {error}", nanoseconds.len() + 1);
            }
            failed += 1;
        }
        nanoseconds.push(call.elapsed().as_nanos());
    }
    let took = start.elapsed();

    nanoseconds.sort_unstable();
    println!(
        "{failed}\t{:.3}\t{}\t{}\t{first_kib}\t{}",
        took.as_secs_f64(),
        microseconds(&nanoseconds, calls / 2)?,
        microseconds(&nanoseconds, calls * 99 / 100)?,
        peak_kib()?
    );
    Ok(())
}

fn microseconds(nanoseconds: &[u128], index: usize) -> Result<String, Box<dyn Error>> {
    let nanoseconds = nanoseconds.get(index).ok_or("no call at all")?;
    Ok(format!("{}.{}", nanoseconds / 1000, nanoseconds / 100 % 10))
}

/// The most memory that this process ever had, as Linux knows it.
fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("this system does not tell the peak memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
