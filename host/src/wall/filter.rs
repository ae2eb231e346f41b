//! The filter of system calls: a program for the kernel's BPF machine, assembled by Rust's compiler.
//!
//! It is a search tree, because it runs at each call. On installation the kernel evaluates a filter once for each
//! system call number, unless the filter reads an argument first. That evaluation would cost more than the whole
//! run, so this filter reads an argument first.

#![allow(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, where an index that is out of bounds is an error"
)]

use super::calls::{CALLS, DESCRIPTOR_COMMANDS, Rule, TO_WRITE};
use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W,
};
use seccompiler::sock_filter;

/// The architecture of the numbers in [`CALLS`], as the kernel names it: a call by the numbers of another
/// one is denied.
const ARCHITECTURE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

/// Puts the filter up, for a server one that lets it accept connections, and tells whether that worked.
pub(super) fn apply(serves: bool) -> bool {
    let program: &[sock_filter] = if serves { &SERVING } else { &PROGRAM };
    ARCHITECTURE.is_some() && seccompiler::apply_filter(program).is_ok()
}

// Offsets in the kernel's `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const fn low(argument: u32) -> u32 {
    16 + 8 * argument
}
const fn high(argument: u32) -> u32 {
    low(argument) + 4
}

/// Reads an argument, only for the reason above; checks the architecture; loads the number of the call.
const PROLOGUE: usize = 4;
/// A leaf of the tree is one comparison, and so is an inner node.
const TREE: usize = 2 * CALLS.len() - 1;

// Where what follows the tree begins: the checks of arguments, and the two ends, since jumps lead ahead.
const NOT_EXECUTABLE: usize = PROLOGUE + TREE;
const READ_ONLY: usize = NOT_EXECUTABLE + 2;
const READ_ONLY_AT: usize = READ_ONLY + 2;
const TCP: usize = READ_ONLY_AT + 2;
const CONNECTED: usize = TCP + 9;
const DESCRIPTOR: usize = CONNECTED + 4;
const DENY: usize = DESCRIPTOR + 1 + DESCRIPTOR_COMMANDS.len();
const ALLOW: usize = DENY + 1;
const LENGTH: usize = ALLOW + 1;

static PROGRAM: [sock_filter; LENGTH] = assemble();
static SERVING: [sock_filter; LENGTH + 1] = serving();

/// The same program with one instruction more, before the tree: `accept4` is allowed. Without `bind` and `listen`
/// it is of use only with a socket that listened before.
const fn serving() -> [sock_filter; LENGTH + 1] {
    let plain = assemble();
    let mut program = [const { instruction(0, 0) }; LENGTH + 1];
    let mut at = 0;
    while at < LENGTH {
        let sock_filter { code, jt, jf, k } = plain[at];
        // The check of the architecture jumps from before the new instruction to behind it.
        let jf = if at < PROLOGUE && jf != 0 { jf + 1 } else { jf };
        let to = if at < PROLOGUE { at } else { at + 1 };
        program[to] = sock_filter { code, jt, jf, k };
        at += 1;
    }
    program[PROLOGUE] = sock_filter {
        jt: (ALLOW - PROLOGUE) as u8,
        ..instruction(BPF_JMP | BPF_JEQ | BPF_K, libc::SYS_accept4 as u32)
    };
    program
}

const fn assemble() -> [sock_filter; LENGTH] {
    let mut code = Code {
        instructions: [const { instruction(0, 0) }; LENGTH],
        length: 0,
    };
    code.load(low(0));
    code.load(ARCH);
    code.jump(
        BPF_JEQ,
        match ARCHITECTURE {
            Some(architecture) => architecture,
            None => 0,
        },
        PROLOGUE - 1,
        DENY,
    );
    code.load(NUMBER);
    code.tree(&sorted(), 0, CALLS.len());

    code.at(NOT_EXECUTABLE);
    code.load(low(2));
    code.jump(BPF_JSET, libc::PROT_EXEC as u32, DENY, ALLOW);
    code.at(READ_ONLY);
    code.load(low(1));
    code.jump(BPF_JSET, TO_WRITE as u32, DENY, ALLOW);
    code.at(READ_ONLY_AT);
    code.load(low(2));
    code.jump(BPF_JSET, TO_WRITE as u32, DENY, ALLOW);

    code.at(TCP);
    code.load(low(0));
    code.jump(BPF_JEQ, libc::AF_INET as u32, TCP + 3, TCP + 2);
    code.jump(BPF_JEQ, libc::AF_INET6 as u32, TCP + 3, DENY);
    code.load(low(1));
    // Without the flags that come with it.
    code.push(BPF_ALU | BPF_AND | BPF_K, 0xf);
    code.jump(BPF_JEQ, libc::SOCK_STREAM as u32, TCP + 6, DENY);
    // Landlock's rules are about these two. Multipath TCP, SCTP and SMC, say, would pass by them.
    code.load(low(2));
    code.jump(BPF_JEQ, 0, ALLOW, TCP + 8);
    code.jump(BPF_JEQ, libc::IPPROTO_TCP as u32, ALLOW, DENY);

    code.at(CONNECTED);
    code.load(low(4));
    code.jump(BPF_JEQ, 0, CONNECTED + 2, DENY);
    code.load(high(4));
    code.jump(BPF_JEQ, 0, ALLOW, DENY);

    code.at(DESCRIPTOR);
    code.load(low(1));
    let mut at = 0;
    while at < DESCRIPTOR_COMMANDS.len() {
        let otherwise = if at + 1 < DESCRIPTOR_COMMANDS.len() {
            code.length + 1
        } else {
            DENY
        };
        code.jump(BPF_JEQ, DESCRIPTOR_COMMANDS[at] as u32, ALLOW, otherwise);
        at += 1;
    }

    code.at(DENY);
    code.end(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32);
    code.at(ALLOW);
    code.end(libc::SECCOMP_RET_ALLOW);
    code.at(LENGTH);
    code.instructions
}

/// The calls by their numbers.
const fn sorted() -> [(u32, Rule); CALLS.len()] {
    let mut sorted = [(0, Rule::Any); CALLS.len()];
    let mut length = 0;
    while length < CALLS.len() {
        let (number, rule) = CALLS[length];
        let mut at = length;
        while at > 0 && sorted[at - 1].0 > number as u32 {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        assert!(
            at == 0 || sorted[at - 1].0 != number as u32,
            "a call is listed twice"
        );
        sorted[at] = (number as u32, rule);
        length += 1;
    }
    sorted
}

const fn check(rule: Rule) -> usize {
    match rule {
        Rule::Any => ALLOW,
        Rule::NotExecutable => NOT_EXECUTABLE,
        Rule::ReadOnly => READ_ONLY,
        Rule::ReadOnlyAt => READ_ONLY_AT,
        Rule::Tcp => TCP,
        Rule::Connected => CONNECTED,
        Rule::Descriptor => DESCRIPTOR,
    }
}

const fn instruction(code: u32, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    }
}

/// A program that is being written.
struct Code {
    instructions: [sock_filter; LENGTH],
    length: usize,
}

impl Code {
    const fn push(&mut self, code: u32, k: u32) {
        self.instructions[self.length] = instruction(code, k);
        self.length += 1;
    }

    const fn load(&mut self, offset: u32) {
        self.push(BPF_LD | BPF_W | BPF_ABS, offset);
    }

    const fn end(&mut self, value: u32) {
        self.push(BPF_RET | BPF_K, value);
    }

    /// Goes on at `yes` or `no`, both of which lie ahead.
    const fn jump(&mut self, condition: u32, k: u32, yes: usize, no: usize) {
        let from = self.length + 1;
        assert!(yes - from <= 255 && no - from <= 255, "a jump too far");
        self.push(BPF_JMP | condition | BPF_K, k);
        self.instructions[from - 1].jt = (yes - from) as u8;
        self.instructions[from - 1].jf = (no - from) as u8;
    }

    /// Finds the call among those from `first` up to `end`.
    const fn tree(&mut self, calls: &[(u32, Rule); CALLS.len()], first: usize, end: usize) {
        if end - first == 1 {
            let (number, rule) = calls[first];
            return self.jump(BPF_JEQ, number, check(rule), DENY);
        }
        let middle = first + (end - first) / 2;
        let left = self.length + 1;
        let right = left + 2 * (middle - first) - 1;
        self.jump(BPF_JGE, calls[middle].0, right, left);
        self.tree(calls, first, middle);
        self.tree(calls, middle, end);
    }

    /// Asserts that what comes next begins where jumps to it lead.
    const fn at(&self, expected: usize) {
        assert!(self.length == expected, "another length than was counted");
    }
}
