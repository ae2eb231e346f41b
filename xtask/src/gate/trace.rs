//! What a run asked of the kernel, as strace writes it down.

/// The system calls that the gate wants to see.
pub const CALLS: &str = "trace=%memory,%process,shmat";

/// The lines of a trace that the test picks, of the calls after the program's own start.
///
/// # Errors
///
/// That it is no trace of a whole run, in which nothing could be found.
pub fn lines_where(trace: &str, picks: fn(&str) -> bool) -> Result<Vec<&str>, String> {
    // `strace -f` puts the number of the process before each line.
    let is_number = |character: char| character.is_ascii_digit();
    let mut calls = trace
        .lines()
        .map(|line| line.trim_start_matches(is_number).trim_start());
    let begins = calls
        .next()
        .is_some_and(|call| call.starts_with("execve(") && call.ends_with("= 0"));
    let maps = calls.clone().any(|call| call.starts_with("mmap("));
    if begins && maps && trace.contains("+++ exited with 0 +++") {
        Ok(calls.filter(|call| picks(call)).collect())
    } else {
        Err("strace left no trace of a whole run".to_owned())
    }
}

/// Whether a call asks for executable memory.
pub fn asks_for_executable_memory(call: &str) -> bool {
    call.contains("PROT_EXEC") || call.contains("SHM_EXEC")
}

/// Whether a call starts a thread or a process.
pub fn starts_a_thread(call: &str) -> bool {
    let name = call.split('(').next().unwrap_or_default();
    matches!(name, "clone" | "clone3" | "fork" | "vfork")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
17 execve(\"/epicac_PROT_EXEC\", [\"/epicac\"], 0x7ff /* 2 vars */) = 0
17 mmap(NULL, 472, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f3993d84000
17 exit_group(0)                           = ?
17 +++ exited with 0 +++
";

    #[test]
    fn what_must_not_be_is_found_however_it_is_asked_for() {
        let tests: [fn(&str) -> bool; 2] = [asks_for_executable_memory, starts_a_thread];
        for (call, found) in [
            ("mprotect(0x7f39909f0000, 8192, PROT_READ) = 0", [false; 2]),
            (
                "mmap(NULL, 4096, PROT_READ|PROT_EXEC, 2, 3, 0) = 0x7f0",
                [true, false],
            ),
            (
                "mprotect(0x7f0, 4096, PROT_READ|PROT_EXEC) = 0",
                [true, false],
            ),
            (
                "pkey_mprotect(0x7f0, 4096, PROT_EXEC, 1) = 0",
                [true, false],
            ),
            ("shmat(1, NULL, SHM_EXEC) = 0x7f0", [true, false]),
            ("clone(child_stack=0x7f0) = 18", [false, true]),
            ("clone3({flags=CLONE_VM}) = 18", [false, true]),
            ("vfork() = 18", [false, true]),
        ] {
            let trace = GOOD.replace("17 exit_group", &format!("17 {call}\n17 exit_group"));
            let lines = tests.map(|test| lines_where(&trace, test).unwrap());
            assert_eq!(lines.map(|lines| lines == [call]), found, "{call}");
        }
    }

    #[test]
    fn what_is_no_whole_run_proves_nothing() {
        for trace in [
            "",
            &GOOD.replace("exited with 0", "exited with 1"),
            &GOOD.replace("mmap(", "brk("),
        ] {
            assert!(lines_where(trace, starts_a_thread).is_err());
        }
    }
}
