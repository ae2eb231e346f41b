//! Every failure of the verbs is told on one line, as `behaviour.md` §5 has it, and in the README.

use super::{config, install, serve};

#[test]
fn every_error_is_one_line_with_a_remedy_that_the_readme_tells_too() {
    let readme = include_str!("../../../README.md");
    let of_config = config::examples().into_iter().map(|it| it.to_string());
    let of_install = install::examples().into_iter().map(|it| it.to_string());
    let of_serve = serve::examples().into_iter().map(|it| it.to_string());
    for line in of_config.chain(of_install).chain(of_serve) {
        assert!(
            !line.contains('\n') && line.contains(" (") && line.ends_with(')'),
            "{line}"
        );
        let what = line.split(':').next().unwrap_or_default();
        assert!(readme.contains(&format!("\n| {what} |")), "{what}");
    }
}
