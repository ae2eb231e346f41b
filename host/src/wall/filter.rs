//! The filter of system calls: the list of `calls.json`, which build/filter.rs compiles for the kernel.

use seccompiler::sock_filter;

include!(concat!(env!("OUT_DIR"), "/filter.rs"));

/// Puts up the filter, and tells whether that worked. The filter of a server also lets it accept connections.
///
/// A call that is not listed fails with `EPERM`. A call by the numbers of another processor ends the process.
pub(super) fn apply(serves: bool) -> bool {
    seccompiler::apply_filter(if serves { SERVE } else { RUN }).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeMap;

    /// Each call of the list with its number, as the C library knows it.
    macro_rules! numbers {
        ($($name:ident)+) => {
            BTreeMap::from([$((stringify!($name).trim_start_matches("SYS_"), libc::$name)),+])
        };
    }

    fn numbers() -> BTreeMap<&'static str, libc::c_long> {
        let mut numbers = numbers! {
            SYS_openat SYS_fstat SYS_newfstatat SYS_statx SYS_pread64 SYS_read SYS_write SYS_writev SYS_close SYS_fcntl
            SYS_socket SYS_connect SYS_getsockopt SYS_sendto SYS_recvfrom SYS_shutdown SYS_epoll_pwait SYS_epoll_ctl
            SYS_clock_gettime SYS_clock_nanosleep SYS_restart_syscall SYS_brk SYS_mmap SYS_mprotect SYS_mremap SYS_munmap
            SYS_madvise SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigreturn SYS_sigaltstack SYS_futex SYS_sched_yield
            SYS_getrandom SYS_exit SYS_exit_group SYS_accept4
        };
        #[cfg(target_arch = "x86_64")]
        numbers.append(&mut numbers! { SYS_open SYS_epoll_wait });
        numbers
    }

    /// The alternatives for each call of these parts of the list. Each is a list of conditions.
    fn rules(parts: &[&str]) -> BTreeMap<libc::c_long, Vec<Value>> {
        let list: Value = serde_json::from_str(include_str!("calls.json")).unwrap();
        let numbers = numbers();
        let mut rules = BTreeMap::<_, Vec<_>>::new();
        for call in parts
            .iter()
            .filter_map(|part| list[part].as_array())
            .flatten()
        {
            assert!(call["comment"].is_string(), "{call}");
            let number = numbers[call["syscall"].as_str().unwrap()];
            rules.entry(number).or_default().push(call["args"].clone());
        }
        for (number, alternatives) in &rules {
            let is_one = alternatives.len() == 1 || alternatives.iter().all(Value::is_array);
            assert!(
                is_one,
                "the call {number} is allowed with and without a condition"
            );
        }
        rules
    }

    /// Whether a condition of the list holds.
    fn holds(condition: &Value, arguments: &[u64; 6]) -> bool {
        let argument = arguments[condition["index"].as_u64().unwrap() as usize];
        let argument = match condition["type"].as_str().unwrap() {
            "dword" => argument & u64::from(u32::MAX),
            _ => argument,
        };
        let mask = condition["op"]["masked_eq"].as_u64().unwrap_or(u64::MAX);
        argument & mask == condition["val"].as_u64().unwrap() & mask
    }

    const X86_64: u32 = 0xc000_003e;
    const AARCH64: u32 = 0xc000_00b7;
    const OWN: u32 = if cfg!(target_arch = "x86_64") {
        X86_64
    } else {
        AARCH64
    };

    /// What the kernel does with a call: it interprets the filter in the same way.
    fn evaluate(program: &[sock_filter], processor: u32, number: u32, arguments: &[u64; 6]) -> u32 {
        let mut data = [number, processor, 0, 0].to_vec();
        data.extend(
            arguments
                .iter()
                .flat_map(|it| [*it as u32, (it >> 32) as u32]),
        );
        let (mut accumulator, mut at) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            let jump = |holds: bool| usize::from(if holds { jt } else { jf });
            at += 1;
            match code {
                0x20 => accumulator = data[k as usize / 4],
                0x54 => accumulator &= k,
                0x05 => at += k as usize,
                0x15 => at += jump(accumulator == k),
                0x25 => at += jump(accumulator > k),
                0x35 => at += jump(accumulator >= k),
                0x06 => return k,
                code => panic!("the instruction {code:#x}"),
            }
        }
    }

    const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
    const DENIED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

    #[test]
    fn the_filters_are_the_list_call_by_call() {
        /// Values at which a condition changes, for an argument of 32 or 64 bits.
        const VALUES: [u64; 16] = [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            10,
            132,
            262,
            0x80801,
            0o101,
            1030,
            1 << 32,
            u64::MAX,
        ];
        let own = std::env::consts::ARCH;
        for (program, parts) in [
            (RUN, &["every", own][..]),
            (SERVE, &["every", own, "serve"]),
        ] {
            let rules = rules(parts);
            for number in (0..1_024).chain([0x4000_0000, u32::MAX]) {
                let rule = rules.get(&number.into());
                let conditions = rule
                    .iter()
                    .flat_map(|it| it.iter())
                    .filter_map(Value::as_array);
                let indices = conditions.flatten().map(|it| it["index"].as_u64().unwrap());
                let count = indices.max().map_or(0, |last| last as u32 + 1);
                // All combinations of these values, for no more than the three arguments that have conditions.
                for combination in 0..VALUES.len().pow(count.min(3)) {
                    let mut arguments = [0; 6];
                    let mut rest = combination;
                    for argument in arguments
                        .iter_mut()
                        .skip(count.saturating_sub(3) as usize)
                        .take(3)
                    {
                        *argument = VALUES[rest % VALUES.len()];
                        rest /= VALUES.len();
                    }
                    let any = |conditions: &Value| {
                        let mut conditions = conditions.as_array().into_iter().flatten();
                        conditions.all(|it| holds(it, &arguments))
                    };
                    let expected = match rule {
                        Some(alternatives) if alternatives.iter().any(any) => ALLOWED,
                        _ => DENIED,
                    };
                    let found = evaluate(program, OWN, number, &arguments);
                    assert_eq!(found, expected, "{number} {arguments:x?}");
                }
            }
        }
    }

    #[test]
    fn a_call_of_another_processor_ends_the_process() {
        for processor in [0x4000_0003, X86_64 ^ AARCH64 ^ OWN] {
            let found = evaluate(RUN, processor, 0, &[0; 6]);
            assert_eq!(found, libc::SECCOMP_RET_KILL_PROCESS);
        }
    }

    /// Otherwise the kernel would evaluate the filter for each number when it is put up (build/filter.rs).
    #[test]
    fn an_argument_is_read_first() {
        for program in [RUN, SERVE] {
            assert_eq!((program[0].code, program[0].k), (0x20, 16));
        }
    }
}
