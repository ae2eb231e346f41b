//! The tables of docs/matrix.md, of the cells that the targets `sdks` and `embedding` wrote down. Run after
//! them; what is missing was not passed.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use epicac_tests::matrix::cell;
use epicac_tests::{paths, require};

const SDKS: [&str; 7] = [
    "python",
    "aws_cli",
    "javascript",
    "rust",
    "go",
    "java",
    "ruby",
];
const CELLS: [&str; 5] = ["calls", "refreshes", "down", "403", "malformed"];

/// A runtime: the block of docs/embedding.md that tries it, and what tells its version.
const RUNTIMES: [(&str, &str, &str); 8] = [
    ("epicac", "the native host", "epicac --version | head -n 1"),
    ("wasmtime_run", "wasmtime CLI, LTS", "wasmtime --version"),
    (
        "python",
        "Python `wasmtime`",
        "python -c \"import importlib.metadata as m; print(m.version('wasmtime'))\"",
    ),
    (
        "jco_run",
        "Node, `jco run`",
        "echo jco $(jco --version), Node $(node --version)",
    ),
    (
        "jco_transpile",
        "Node, `jco transpile`, as a provider of the SDK",
        "echo jco $(jco --version), Node $(node --version)",
    ),
    (
        "wac_plug",
        "in another component, by `wac plug`",
        "wac --version",
    ),
    (
        "wasmtime_serve",
        "in an HTTP handler, by `wac plug` and `wasmtime serve`",
        "wasmtime --version",
    ),
    (
        "wasm_cloud",
        "in another component, by wasmCloud's runtime",
        "echo wash-runtime $(grep -A1 '^name = .wash-runtime.$' wash/Cargo.lock | grep -o '[0-9.]*[0-9]')",
    ),
];

/// Runtimes that cannot be in the table, and what was seen when they were tried.
const NOT_HAD: &str = "\
| wasmtime CLI, newest (50.0.1) | cannot be built: `cannot install package wasmtime-cli 50.0.1, it requires rustc 1.97.0 or \
newer, while the currently active rustc version is 1.95.0`; the same runtime is in the row of Python |
";

/// Above the table of the SDKs that ask `epicac serve`.
const BESIDE_SERVE: &str = "
## SDKs beside `epicac serve`

There is no AWS config file. The SDK's own container provider asks [`epicac serve`](serve.md), which assumes the role. The test makes the
same calls, and makes them again after all credentials have expired. Then it stops the server while the agent is up.

| SDK | calls | refreshes | server stopped |
|---|---|---|---|
";

/// What somebody who writes an AWS config file has to know about the SDKs: tests/sdks asserts it.
const NOTES: &str = "
## What the SDKs do with a credential process

- **JavaScript and Java**: when the process fails, the default chain goes on to its next provider, which asks the container endpoint.
  The application then calls AWS **as the pod's own role**. To prevent this, use [`epicac serve`](serve.md), or give the client only
  the provider that reads the profile: `fromIni()` or `ProfileCredentialsProvider`. These also show epicac's message. The default chain
  does not: when all of its providers fail, it says only that.
- **Go**: the stderr of the process goes to the application's stderr. If a `credential_process` begins and ends with a quotation mark,
  Go removes both. So quote single words, but not the first and the last one.
- **Python**: after a failure, the same session says `Infinite loop in credential configuration detected`, whatever the reason was. Make
  a new session.
- **Ruby** (the version of Debian 12): it takes the credentials of a `source_profile` only once. A program that outlives them cannot
  assume the role again.

PHP, .NET, C++ and others are not in the table, because the machine of these runs does not reach the registries of their SDKs.

## Clients that never ask the AWS config file for a role

These clients have chains of their own. None of them takes `role_arn` with a `source_profile` whose credentials come from a process.
In a pod they go on to the container endpoint, and call AWS **as the pod's own role, without a message**. This is from their sources; the first and the last one were tried, too:

| client | where | what it does |
|---|---|---|
| AWS SDK for JavaScript **v2** | `aws-sdk` 2.1693.0 | asks the container endpoint before it looks for a `credential_process`. From a source profile it takes only access keys |
| `object_store` (Rust): Polars without boto3, DataFusion; delta-rs if it has an endpoint of its own | 0.14.2 | reads no AWS config file |
| Apache OpenDAL | 0.59.5 | runs the `credential_process` of the profile itself, but does not know `role_arn` with `source_profile`. Older versions know no process |
| `minio-go`: Thanos, Mimir, Tempo and others | 7.4.1 | the same. It refuses a `credential_process` of one word, and 7.0 does not read the AWS config file |

- **How to see it.** `aws sts get-caller-identity` and `epicac doctor` in the container show what the AWS CLI and the AWS SDKs do, and not
  what these clients do. CloudTrail shows it: the calls come from `assumed-role/` and the name of the source role. A call of the application
  that only the destination role may make shows it, too.
- **What to do.** Use [`epicac serve`](serve.md). All four of them ask the container endpoint, and then get the role there.
";

/// What a reader may miss.
const NOT_TRIED: &str = "
wazero (Go) and Chicory (Java) run core modules and no components. Spin, which runs components with WASI 0.2's HTTP, was not
tried.
";

#[test]
fn the_tables_are_written() {
    let Some(tables) = tables() else {
        return require::skipped("a cell of docs/matrix.md was not passed, or not run");
    };
    println!("{tables}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/matrix.md");
    fs::write(path, tables).expect("docs/matrix.md can be written");
}

fn tables() -> Option<String> {
    let wasm = paths::wasm()?;
    let digest = said(Command::new("sha256sum").arg(&wasm));
    let digest = digest.split_whitespace().next()?;
    let mut text = format!(
        "# SDKs and runtimes\n\nWritten by `cargo xtask test real sdks embedding`. All cells are of the same \
         `epicac.wasm`, sha256 `{digest}`.\n\n## SDKs\n\nProfile `dest_role` → `source_profile` → \
         `credential_process` → `AssumeRole` → caller identity and `ListBuckets`; the same again after all credentials \
         have expired. Then three failures: the cell says where epicac's message appears. In the last column, the process \
         fails and the agent is up.\n\n\
         | SDK | run by | calls | refreshes | agent down | 403 | malformed | no process |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    for sdk in SDKS {
        let version = cell("sdks", sdk, "version")?;
        for (by, name) in [("epicac", "`epicac`"), ("wasmtime", "`wasmtime run`")] {
            write!(text, "| {version} | {name} |").ok()?;
            for what in CELLS {
                write!(
                    text,
                    " {} |",
                    cell("sdks", sdk, &format!("{what} by {by}"))?
                )
                .ok()?;
            }
            writeln!(text, " {} |", cell("sdks", sdk, "without the process")?).ok()?;
        }
    }
    text.push_str(BESIDE_SERVE);
    for sdk in SDKS {
        write!(text, "| {} |", cell("sdks", sdk, "version")?).ok()?;
        for what in ["calls by serve", "refreshes by serve", "without serve"] {
            write!(text, " {} |", cell("sdks", sdk, what)?).ok()?;
        }
        text.push('\n');
    }
    text.push_str(NOTES);
    text.push_str(
        "\n## Runtimes\n\nThe command or the snippet of each, with its grants, is in [embedding.md](embedding.md).\n\n\
         | runtime | version | |\n|---|---|---|\n",
    );
    for (block, name, version) in RUNTIMES {
        let outcome = cell("embedding", block, "outcome")?;
        let version = said(
            Command::new("sh")
                .args(["-c", version])
                .env("PATH", path()?),
        );
        writeln!(text, "| {name} | {version} | {outcome} |").ok()?;
    }
    text.push_str(&NOT_HAD.replace("| cannot", "| – | cannot"));
    text.push_str(NOT_TRIED);
    Some(text)
}

fn path() -> Option<std::ffi::OsString> {
    let folder = |program: &Path| program.parent().map(Path::to_owned);
    let mut path = vec![
        folder(&paths::epicac()?)?,
        folder(&paths::wasmtime()?)?,
        folder(&paths::in_venv("python")?)?,
        paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?
            .join("javascript/node_modules/.bin"),
        paths::existing("EPICAC_TOOLS", "tools", "cargo xtask setup wac")?.join("bin"),
    ];
    path.extend(env::split_paths(&env::var_os("PATH")?));
    env::join_paths(path).ok()
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
