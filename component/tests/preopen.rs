//! Which folder holds the token's file: `behaviour.md` §2.

use epicac_component::preopen::holding;

#[test]
fn the_innermost_folder_that_holds_the_file_is_chosen() {
    for (names, path, expected) in [
        (
            &["/var/run"][..],
            "/var/run/eks/token",
            Some((0, "eks/token")),
        ),
        (
            &["/", "/var/run", "/var"],
            "/var/run/token",
            Some((1, "token")),
        ),
        (&["/"], "/token", Some((0, "token"))),
        (&["/var/run/"], "//var/./run//token", Some((0, "token"))),
        (&["."], "token", Some((0, "token"))),
        (&["."], "./a/token", Some((0, "a/token"))),
        (&["./a"], "a/token", Some((0, "token"))),
        (&[".", "a"], "a/token", Some((1, "token"))),
        (&[""], "token", Some((0, "token"))),
        (&["/var/run/token"], "/var/run/token", Some((0, "."))),
        (&["/var"], "/var/../etc/token", Some((0, "../etc/token"))),
        (&["/var/run"], "/var/runner/token", None),
        (&["/var/run/eks"], "/var/run", None),
        (&["."], "/token", None),
        (&["/"], "token", None),
        (&[], "/token", None),
    ] {
        let chosen = holding(names.iter().copied(), path);
        let expected = expected.map(|(index, rest): (usize, &str)| (index, rest.to_owned()));
        assert_eq!(chosen, expected, "{path} below {names:?}");
    }
}
