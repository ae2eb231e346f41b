//! No command line panics, and what is taken is written as it is parsed.

#![no_main]

use epicac_component::sts::error::ConfigurationError;
use epicac_component::{Arguments, Chain, Error, StsEnvironment};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|arguments: Vec<String>| {
    match Arguments::parse(arguments) {
        Ok(arguments) => {
            assert_eq!(
                Arguments::parse(arguments.to_arguments()).as_ref(),
                Ok(&arguments)
            );
            let variables = [("AWS_REGION", "eu-west-1".into())];
            let environment = StsEnvironment::from_variables(variables).expect("no flag is set");
            let _ = Chain::plan(arguments, &environment);
        }
        Err(flaw) => {
            let sentence = Error::from(ConfigurationError::from(flaw)).to_string();
            assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        }
    }
});
