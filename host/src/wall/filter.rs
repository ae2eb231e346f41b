//! The filter of system calls: the list of `calls`, compiled for the kernel by seccompiler.

use super::calls::{CALLS, DESCRIPTOR_COMMANDS, Rule, TO_WRITE};
use libc::c_int;
use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{self, Eq, MaskedEq};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule,
    sock_filter,
};
use std::collections::BTreeMap;
use std::env::consts::ARCH;

/// Puts up the filter, and tells whether that worked. The filter of a server also lets it accept connections.
pub(super) fn apply(serves: bool) -> bool {
    program(serves).is_ok_and(|program| seccompiler::apply_filter(&program).is_ok())
}

/// The filter for the kernel. A call that is not listed fails with `EPERM`. A call by the numbers of another architecture
/// ends the process.
fn program(serves: bool) -> Result<BpfProgram, BackendError> {
    // Without `bind` and `listen`, `accept4` works only on a socket that listened before.
    let accept = serves.then_some((libc::SYS_accept4, Rule::Any));
    let mut rules = BTreeMap::new();
    for (number, rule) in CALLS.iter().copied().chain(accept) {
        rules.insert(number, alternatives(rule)?);
    }
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, ARCH.try_into()?)?;
    let mut program = BpfProgram::try_from(filter)?;
    program.insert(0, READ_AN_ARGUMENT);
    Ok(program)
}

/// When a filter is put up, the kernel evaluates it for each number that a call can have, unless it reads an argument
/// first. That would cost more than the whole run. So this instruction reads one, and nothing depends on it.
const READ_AN_ARGUMENT: sock_filter = sock_filter {
    code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16,
    jt: 0,
    jf: 0,
    // The first argument, in the kernel's `struct seccomp_data`.
    k: 16,
};

/// The conditions on the arguments of a call: one of the alternatives has to hold. No alternative means no condition.
fn alternatives(rule: Rule) -> Result<Vec<SeccompRule>, BackendError> {
    let all = |conditions| Ok(vec![SeccompRule::new(conditions)?]);
    match rule {
        Rule::Any => Ok(Vec::new()),
        Rule::NotExecutable => all(vec![int(2, MaskedEq(bits(libc::PROT_EXEC)), 0)?]),
        Rule::ReadOnly => all(vec![int(1, MaskedEq(bits(TO_WRITE)), 0)?]),
        Rule::ReadOnlyAt => all(vec![int(2, MaskedEq(bits(TO_WRITE)), 0)?]),
        Rule::Connected => all(vec![SeccompCondition::new(4, Qword, Eq, 0)?]),
        Rule::Descriptor => {
            let mut rules = Vec::new();
            for command in DESCRIPTOR_COMMANDS {
                rules.extend(all(vec![int(1, Eq, command)?])?);
            }
            Ok(rules)
        }
        Rule::Tcp => {
            let mut rules = Vec::new();
            for family in [libc::AF_INET, libc::AF_INET6] {
                // Landlock's rules cover these two, which are both TCP. Multipath TCP, SCTP and SMC, for example, would
                // bypass them.
                for protocol in [0, libc::IPPROTO_TCP] {
                    rules.extend(all(vec![
                        int(0, Eq, family)?,
                        // The mask removes flags such as `SOCK_CLOEXEC`.
                        int(1, MaskedEq(0xf), libc::SOCK_STREAM)?,
                        int(2, Eq, protocol)?,
                    ])?);
                }
            }
            Ok(rules)
        }
    }
}

/// A condition on an argument of the type `int`.
fn int(argument: u8, is: SeccompCmpOp, value: c_int) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Dword, is, bits(value))
}

fn bits(value: c_int) -> u64 {
    value.unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_call_has_one_rule() {
        let numbers: BTreeSet<_> = CALLS.iter().map(|(number, _)| number).collect();
        assert_eq!(numbers.len(), CALLS.len());
    }
}
