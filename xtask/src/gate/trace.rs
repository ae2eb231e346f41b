//! What a run asked of the kernel, as strace writes it down.

/// The system calls that the gate wants to see.
pub const CALLS: &str = "trace=%memory,%process,shmat";

/// The lines of a trace that ask for executable memory, once the program runs.
///
/// # Errors
///
/// That it is no trace of a whole run, in which nothing could be found.
pub fn executable_memory(trace: &str) -> Result<Vec<&str>, String> {
    lines_where(trace, |call| {
        call.contains("PROT_EXEC") || call.contains("SHM_EXEC")
    })
}

/// The lines of a trace that start a thread or a process.
///
/// # Errors
///
/// As [`executable_memory`].
pub fn threads(trace: &str) -> Result<Vec<&str>, String> {
    lines_where(trace, |call| {
        let name = call.split('(').next().unwrap_or_default();
        matches!(name, "clone" | "clone3" | "fork" | "vfork")
    })
}

fn lines_where(trace: &str, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<&str>, String> {
    let mut calls = trace.lines().map(without_process);
    let begins = calls
        .next()
        .is_some_and(|call| call.starts_with("execve(") && call.ends_with("= 0"));
    let maps = calls.clone().any(|call| call.starts_with("mmap("));
    let ends = trace.contains("+++ exited with 0 +++");
    if begins && maps && ends {
        Ok(calls.filter(|call| is_wanted(call)).collect())
    } else {
        Err("strace left no trace of a whole run".to_owned())
    }
}

/// A line without the number of the process, which `strace -f` puts before it.
fn without_process(line: &str) -> &str {
    line.trim_start_matches(|character: char| character.is_ascii_digit())
        .trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
17 execve(\"/epicac_PROT_EXEC\", [\"/epicac\"], 0x7ff /* 2 vars */) = 0
17 mmap(NULL, 472, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f3993d84000
17 mprotect(0x7f39909f0000, 196608, PROT_READ|PROT_WRITE) = 0
17 exit_group(0)                           = ?
17 +++ exited with 0 +++
";

    fn with(line: &str) -> String {
        GOOD.replace("17 exit_group", &format!("17 {line}\n17 exit_group"))
    }

    #[test]
    fn a_run_on_one_thread_without_executable_memory_is_good() {
        assert_eq!(executable_memory(GOOD), Ok(vec![]));
        assert_eq!(threads(GOOD), Ok(vec![]));
    }

    #[test]
    fn executable_memory_is_found_however_it_is_asked_for() {
        for call in [
            "mmap(NULL, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0) = 0x7f0000000000",
            "mprotect(0x7f0000000000, 4096, PROT_READ|PROT_EXEC) = 0",
            "pkey_mprotect(0x7f0000000000, 4096, PROT_EXEC, 1) = 0",
            "shmat(1, NULL, SHM_EXEC) = 0x7f0000000000",
        ] {
            assert_eq!(executable_memory(&with(call)), Ok(vec![call]));
        }
    }

    #[test]
    fn a_thread_is_found_however_it_is_started() {
        for call in [
            "clone(child_stack=0x7f0) = 18",
            "clone3({flags=CLONE_VM}) = 18",
            "vfork() = 18",
        ] {
            assert_eq!(threads(&with(call)), Ok(vec![call]));
        }
    }

    #[test]
    fn what_is_no_whole_run_proves_nothing() {
        for trace in [
            "",
            &GOOD.replace("exited with 0", "exited with 1"),
            &GOOD.replace("mmap(", "brk("),
        ] {
            assert!(executable_memory(trace).is_err());
            assert!(threads(trace).is_err());
        }
    }
}
