//! Every failure of a verb is one line with a remedy (`behaviour.md` §5).

use super::{config, install, serve};

#[test]
fn every_error_is_one_line_with_a_remedy() {
    let of_config = config::examples().into_iter().map(|it| it.to_string());
    let of_install = install::examples().into_iter().map(|it| it.to_string());
    let of_serve = serve::examples().into_iter().map(|it| it.to_string());
    for line in of_config.chain(of_install).chain(of_serve) {
        assert!(
            !line.contains('\n') && line.contains(" (") && line.ends_with(')'),
            "{line}"
        );
    }
}
