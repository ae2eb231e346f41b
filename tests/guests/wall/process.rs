//! Processes and memory: nothing is executed, no memory made executable, nobody traced.

use crate::{Place, has, refused, said};

#[test]
fn nothing_is_executed() {
    if has("system_calls") {
        refused("EPERM", "exec", Some(&"/bin/true"));
        refused("EPERM", "thread", None);
    }
}

#[test]
fn no_memory_becomes_executable() {
    if !has("system_calls") {
        return;
    }
    for attempt in [
        "executable-memory",
        "writable-code",
        "memory-made-executable",
    ] {
        refused("EPERM", attempt, None);
    }
    let place = Place::new();
    assert_eq!(place.attempt("on", &["memory".as_ref()]), "ok");
}

#[test]
fn system_calls_that_are_not_needed_are_gone() {
    if !has("system_calls") {
        return;
    }
    let place = Place::new();
    let text = said(place.command("on", "folder/token").arg("system-calls"));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.len() > 50, "{text}");
    for line in lines {
        assert!(line.contains("Operation not permitted"), "{line}");
    }
}
