//! `docs/troubleshooting.md` has every message that epicac can print, and `docs/doctor.md` those that only doctor
//! prints. What they are is read from the sources: every text in the files that hold sentences for people.

use std::fs;

use epicac_adopt::place;

/// The files that hold the sentences, and little else that would look like one.
const SOURCES: [&str; 26] = [
    "component/src/sentences.rs",
    "component/src/sts/sentences.rs",
    "host/src/cli/allocator.rs",
    "host/src/cli/aws_config/error.rs",
    "host/src/cli/config.rs",
    "host/src/cli/config/generate.rs",
    "host/src/cli/config/read.rs",
    "host/src/cli/install.rs",
    "host/src/cli/install/place.rs",
    "host/src/cli/install/program.rs",
    "host/src/cli/shell.rs",
    "host/src/cli/words.rs",
    "host/src/denial.rs",
    "host/src/error.rs",
    "host/src/policy/admit.rs",
    "host/src/policy/error.rs",
    "host/src/policy/parse.rs",
    "host/src/policy/values.rs",
    "host/src/file.rs",
    "host/src/grants/roles.rs",
    "host/src/route/connection.rs",
    "host/src/route/error.rs",
    "host/src/route/name.rs",
    "host/src/route/proxy.rs",
    "host/src/route/trust.rs",
    "host/src/route/tunnel.rs",
];

/// The same for those of doctor. What its other files hold is no sentence but a line of a report, a claim, a request.
const SOURCES_OF_DOCTOR: [&str; 6] = [
    "host/src/cli/doctor/credentials.rs",
    "host/src/cli/doctor/policy.rs",
    "host/src/cli/doctor/profile.rs",
    "host/src/cli/doctor/report.rs",
    "host/src/cli/doctor/token.rs",
    "host/src/cli/doctor/variables.rs",
];

/// What is no message: reasons that the code gives to lints, a request, commands.
const NO_MESSAGES: [&str; 5] = [
    "an allocator hands out memory",
    "it is for a static, and 32 MiB large",
    "HTTP/1.1r Host",
    "wasmtime run -S http --env AWS_CONTAINER_CREDENTIALS_FULL_URI --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "--env AWS_REGION --env AWS_DEFAULT_REGION",
];

/// Shorter texts are names, not sentences.
const SENTENCE: usize = 10;

#[test]
fn every_message_is_in_the_troubleshooting_guide() {
    let (count, missing) = missing(&SOURCES, &["docs/troubleshooting.md"]);
    assert!(count > 100, "only {count} parts of messages were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_finding_of_doctor_is_in_its_guide() {
    let (count, missing) = missing(
        &SOURCES_OF_DOCTOR,
        &["docs/doctor.md", "docs/troubleshooting.md"],
    );
    assert!(count > 40, "only {count} parts of messages were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// How many parts of messages the sources hold, and those of them that no guide has.
fn missing(sources: &[&str], guides: &[&str]) -> (usize, Vec<String>) {
    let guides: String = guides.iter().map(|guide| read(guide)).collect();
    let guides = plain(&guides.replace(r"\|", "|"));
    let parts: Vec<(&str, String)> = sources
        .iter()
        .flat_map(|source| {
            texts(&read(source))
                .into_iter()
                .map(move |text| (*source, text))
        })
        .flat_map(|(source, text)| parts(&text).into_iter().map(move |part| (source, part)))
        .collect();
    let missing = parts
        .iter()
        .filter(|(_, part)| !guides.contains(part) && !NO_MESSAGES.contains(&part.as_str()))
        .map(|(source, part)| format!("{source}: {part}"))
        .collect();
    (parts.len(), missing)
}

fn read(file: &str) -> String {
    fs::read_to_string(place::repository(file)).expect("the file can be read")
}

/// The parts of a message between what is filled in, if they are long enough to be looked for. The guide may have
/// the remedy, which stands in parentheses, in another column.
fn parts(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    text.split('{')
        .enumerate()
        .map(|(index, part)| match index {
            0 => part,
            _ => part.split_once('}').map_or("", |(_, rest)| rest),
        })
        .map(|part| part.replace('\u{1}', "{").replace('\u{2}', "}"))
        .flat_map(|part| part.split(" (").map(plain).collect::<Vec<_>>())
        .map(|part| {
            part.trim_start_matches("epicac: ")
                .trim_matches(|c: char| " :(),\"".contains(c))
                .to_owned()
        })
        .filter(|part| part.len() >= SENTENCE && part.contains(' '))
        .collect()
}

/// A text without what differs between a terminal and Markdown.
fn plain(text: &str) -> String {
    let words = text.replace('`', "");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts in a file of Rust, above its tests.
fn texts(source: &str) -> Vec<String> {
    let code = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let mut texts = Vec::new();
    for line in joined(code) {
        let mut rest = line.as_str();
        while let Some((_, after)) = rest.split_once('"') {
            let (text, end) = until_quote(after);
            texts.push(text);
            rest = after.get(end..).unwrap_or_default();
        }
    }
    texts
}

/// The lines of the code, without comments, and with texts that go over several lines on one.
fn joined(code: &str) -> Vec<String> {
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut joined: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let (text, continues) = match line.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (line, false),
        };
        match joined.last_mut() {
            Some(last) if goes_on => last.push_str(text.trim_start()),
            _ => joined.push(text.to_owned()),
        }
        goes_on = continues;
    }
    joined
}

/// A text up to its closing quotation mark, and where that ends.
fn until_quote(text: &str) -> (String, usize) {
    let mut read = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (read, index + 1),
            '\\' => read.extend(characters.next().map(|(_, escaped)| match escaped {
                'n' => '\n',
                other => other,
            })),
            other => read.push(other),
        }
    }
    (read, text.len())
}
