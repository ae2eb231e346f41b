//! The program's arguments, and the files that they name.

use alloc::string::String;
use alloc::vec::Vec;

use super::bindings::wasi::cli::environment::get_arguments;
use super::file;
use crate::sts::arguments::Arguments;
use crate::sts::error::ConfigurationError;
use crate::sts::role::RoleError;
use crate::token::TokenError;

/// The arguments of a program that is epicac alone.
pub fn of_command() -> Result<Arguments, ConfigurationError> {
    read(arguments())
}

/// The arguments of a program that epicac may be only a part of. They are for epicac only if they name a role.
pub fn of_component() -> Result<Arguments, ConfigurationError> {
    let arguments = arguments();
    if Arguments::name_roles(&arguments) {
        read(arguments)
    } else {
        Ok(Arguments::default())
    }
}

fn arguments() -> Vec<String> {
    let mut arguments = get_arguments();
    if !arguments.is_empty() {
        // The program's name.
        arguments.remove(0);
    }
    arguments
}

fn read(arguments: Vec<String>) -> Result<Arguments, ConfigurationError> {
    let mut arguments = Arguments::parse(arguments)?;
    for role in &mut arguments.roles {
        if let Some(path) = role.session_policy_file() {
            let content = file::read(path)
                .and_then(|content| String::from_utf8(content).map_err(|_| TokenError::Unreadable))
                .map_err(|error| ConfigurationError::Role {
                    name: path.into(),
                    error: RoleError::PolicyFile(error),
                })?;
            role.session_policy = Some(content);
        }
    }
    Ok(arguments)
}
