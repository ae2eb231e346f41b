//! Reads the environment of this process.

use crate::error::Error;
use std::env;

/// The variables of these names that are set, as name and value.
///
/// # Errors
///
/// [`Error::Variable`] when a value is not UTF-8.
pub(super) fn of_process(
    names: impl IntoIterator<Item = &'static str>,
) -> Result<Vec<(String, String)>, Error> {
    let set = names
        .into_iter()
        .filter_map(|name| Some((name, env::var_os(name)?)));
    set.map(|(name, value)| {
        let value = value.into_string().map_err(|_| Error::Variable(name))?;
        Ok((name.to_owned(), value))
    })
    .collect()
}
