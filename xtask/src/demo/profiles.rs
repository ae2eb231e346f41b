//! The AWS config of the demo, and as much of an SDK's reading of it as the demo shows.

use std::path::Path;

use crate::{Result, process};

/// The AWS config: two profiles, because the SDK for Go refuses one that has both `source_profile` and
/// `credential_process`.
pub fn config(epicac: &Path) -> String {
    format!(
        "[profile dest_role]\n\
         role_arn = arn:aws:iam::222222222222:role/destination\n\
         source_profile = src_role\n\
         role_session_name = epicac-demo\n\
         \n\
         [profile src_role]\n\
         credential_process = {}\n",
        process::quoted(&epicac.display().to_string())
    )
}

/// What the profiles of a role say.
pub struct Chain {
    pub role_arn: String,
    pub source_profile: String,
    pub credential_process: String,
}

/// The settings of an AWS config: profile, name, value.
pub struct Profiles(Vec<(String, String, String)>);

impl Profiles {
    pub fn parse(text: &str) -> Self {
        let mut profile = String::new();
        let mut settings = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(section) = line
                .strip_prefix("[profile ")
                .and_then(|rest| rest.strip_suffix(']'))
            {
                profile = section.trim().to_owned();
            } else if let Some((name, value)) = line.split_once('=') {
                settings.push((
                    profile.clone(),
                    name.trim().to_owned(),
                    value.trim().to_owned(),
                ));
            }
        }
        Self(settings)
    }

    /// Follows `source_profile` from the profile of a role to the command of its source.
    pub fn chain(&self, profile: &str) -> Result<Chain> {
        let source_profile = self.setting(profile, "source_profile")?;
        Ok(Chain {
            role_arn: self.setting(profile, "role_arn")?.to_owned(),
            credential_process: self
                .setting(source_profile, "credential_process")?
                .to_owned(),
            source_profile: source_profile.to_owned(),
        })
    }

    fn setting(&self, profile: &str, name: &str) -> Result<&str> {
        self.0
            .iter()
            .find(|(of, setting, _)| of == profile && setting == name)
            .map(|(.., value)| value.as_str())
            .ok_or_else(|| format!("profile {profile} has no {name}"))
    }
}

/// Splits a command into words as a shell does, quotes included, and as botocore does without a shell.
pub fn split(command: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some(quote) if quote == character => break,
                        Some(inside) => word.push(inside),
                        None => return Err(format!("a quote is not closed: {command}")),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_ends_at_the_command() {
        let profiles = Profiles::parse(&config(Path::new("/opt/my tools/epicac")));
        let chain = profiles.chain("dest_role").unwrap();
        assert_eq!(chain.source_profile, "src_role");
        assert_eq!(
            split(&chain.credential_process).unwrap(),
            ["/opt/my tools/epicac"]
        );
    }

    #[test]
    fn words_are_split_as_by_a_shell() {
        assert_eq!(
            split(r#" a "b c" d'e 'f\ g "" "#).unwrap(),
            ["a", "b c", "de f g", ""]
        );
        split("'open").unwrap_err();
    }

    #[test]
    fn what_is_quoted_comes_back_as_one_word() {
        for word in ["", "plain", "two words", "it's", "a\"b", "$HOME"] {
            assert_eq!(split(&process::quoted(word)).unwrap(), [word]);
        }
    }
}
