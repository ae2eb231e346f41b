//! What a run asked of the kernel, as strace writes it down.

/// The system calls that strace writes down.
pub const CALLS: &str = "trace=%memory,%process,shmat";

/// What a cold run never does, and how a line of the trace shows it.
const FORBIDDEN: [(&str, &[&str]); 2] = [
    ("asks for executable memory", &["PROT_EXEC", "SHM_EXEC"]),
    ("starts a thread", &["clone(", "clone3(", "fork("]),
];

/// Whether the program did one of these things after its own start. An `Err` inside has the lines that show it.
///
/// # Errors
///
/// The trace is not that of a whole run, so nothing could be found in it.
pub fn check(trace: &str) -> Result<Vec<Result<String, String>>, String> {
    let (start, calls) = trace.split_once('\n').unwrap_or_default();
    let begins = start.contains("execve(") && start.ends_with("= 0");
    if !begins || !calls.contains("mmap(") || !calls.contains("+++ exited with 0 +++") {
        return Err("strace left no trace of a whole run".to_owned());
    }
    let checked = FORBIDDEN.iter().map(|(what, words)| {
        let shows = |line: &&str| words.iter().any(|word| line.contains(word));
        let lines: Vec<&str> = calls.lines().filter(shows).collect();
        if lines.is_empty() {
            return Ok(format!("a cold run never {what}"));
        }
        Err(format!("a cold run {what}: {}", lines.join("; ")))
    });
    Ok(checked.collect())
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
    fn what_a_run_never_does_is_found_however_it_is_asked_for() {
        for (call, passed) in [
            ("mprotect(0x7f3, 8192, PROT_READ) = 0", [true, true]),
            ("mmap(NULL, 4096, PROT_EXEC, 2, 3, 0) = 1", [false, true]),
            ("pkey_mprotect(0x7f0, 1, PROT_EXEC, 1) = 0", [false, true]),
            ("shmat(1, NULL, SHM_EXEC) = 0x7f0", [false, true]),
            ("clone(child_stack=0x7f0) = 18", [true, false]),
            ("clone3({flags=CLONE_VM}) = 18", [true, false]),
            ("vfork() = 18", [true, false]),
        ] {
            let trace = GOOD.replace("17 exit_group", &format!("17 {call}\n17 exit_group"));
            let checked = check(&trace).unwrap();
            let found: Vec<bool> = checked.iter().map(Result::is_ok).collect();
            assert_eq!(found, passed, "{call}");
        }
    }

    #[test]
    fn what_is_no_whole_run_proves_nothing() {
        for trace in [
            "",
            &GOOD.replace("exited with 0", "exited with 1"),
            &GOOD.replace("mmap(", "brk("),
        ] {
            assert!(check(trace).is_err());
        }
    }
}
