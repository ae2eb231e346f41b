//! What must not be seen: `behaviour.md` §2.

use epicac_component::Secret;

#[test]
fn debug_shows_nothing_of_it() {
    assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    assert_eq!(
        format!("{:#?}", Some(Secret::new("hunter2"))).find("hunter2"),
        None
    );
}
