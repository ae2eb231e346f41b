//! What may leave the sandbox on stdout: one credential document, and nothing else.

use std::borrow::Cow;

/// Whether `output` is what a credential process prints: one JSON object on one line, with the members
/// that the SDKs require and no other (`behaviour.md` §5).
pub(crate) fn is_complete(output: &[u8]) -> bool {
    let Some((b'\n', line)) = output.split_last() else {
        return false;
    };
    // serde reads a struct from an array, too.
    line.starts_with(b"{")
        && !line.contains(&b'\n')
        && serde_json::from_slice::<Document>(line).is_ok_and(|document| document.is_filled())
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Document<'a> {
    version: u32,
    #[serde(borrow)]
    access_key_id: Cow<'a, str>,
    #[serde(borrow)]
    secret_access_key: Cow<'a, str>,
    #[serde(borrow)]
    session_token: Cow<'a, str>,
    #[serde(borrow)]
    expiration: Cow<'a, str>,
    #[serde(borrow)]
    account_id: Option<Cow<'a, str>>,
}

impl Document<'_> {
    fn is_filled(&self) -> bool {
        let required = [
            &self.access_key_id,
            &self.secret_access_key,
            &self.session_token,
            &self.expiration,
        ];
        self.version == 1
            && required.iter().all(|text| !text.is_empty())
            && self.account_id.as_ref().is_none_or(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2030-01-01T00:00:00Z"}"#;

    #[test]
    fn a_credential_document_is_one_json_object_on_one_line() {
        assert!(is_complete(format!("{GOOD}\n").as_bytes()));
        let with_account = GOOD.replace('}', r#","AccountId":"012345678901"}"#);
        assert!(is_complete(format!("{with_account}\n").as_bytes()));
        for (why, output) in [
            ("nothing", String::new()),
            ("no newline", GOOD.to_owned()),
            ("two documents", format!("{GOOD}\n{GOOD}\n")),
            ("two documents on a line", format!("{GOOD}{GOOD}\n")),
            ("not JSON", "hello\n".to_owned()),
            ("an array", format!("[{GOOD}]\n")),
            (
                "an array of the members",
                "[1,\"A\",\"S\",\"T\",\"2030-01-01T00:00:00Z\",null]\n".to_owned(),
            ),
            ("another version", GOOD.replace(":1,", ":2,") + "\n"),
            (
                "a version that is a string",
                GOOD.replace(":1,", ":\"1\",") + "\n",
            ),
            ("an empty member", GOOD.replace("\"S\"", "\"\"") + "\n"),
            (
                "a missing member",
                GOOD.replace("\"SessionToken\":\"T\",", "") + "\n",
            ),
            (
                "a member more",
                GOOD.replace('}', ",\"Note\":\"x\"}") + "\n",
            ),
            (
                "a member twice",
                GOOD.replace('}', ",\"SessionToken\":\"x\"}") + "\n",
            ),
        ] {
            assert!(!is_complete(output.as_bytes()), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(output in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = is_complete(&output);
        }

        #[test]
        fn no_piece_of_a_document_is_one(cut in 0..GOOD.len()) {
            let piece = format!("{}\n", &GOOD[..cut]);
            prop_assert!(!is_complete(piece.as_bytes()), "{}", piece);
        }
    }
}
