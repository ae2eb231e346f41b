//! §8, line by line: what is beyond the form that all SDKs read alike is named once, with its line. It is an error
//! where it breaks the file for an SDK or concerns the profile in use, and else a warning, which fails nothing.

use std::fs;
use std::time::{Duration, Instant};

use epicac_tests::Epicac;

use crate::cases::each;
use crate::config_check::{aws_config, checking};

/// Lines that are said of this file, of which the profile `p` is used, without what comes before `line`.
pub fn told(text: &[u8], status: i32) -> Vec<String> {
    let (_folder, path) = aws_config("");
    let epicac = Epicac::path().to_str().unwrap().to_owned();
    let text: Vec<u8> = match str::from_utf8(text) {
        Ok(text) => text.replace("EPICAC", &epicac).into_bytes(),
        Err(_) => text.to_owned(),
    };
    fs::write(&path, text).unwrap();
    let outcome = checking(&path).run();
    let said = [outcome.stdout.as_slice(), &outcome.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(outcome.status.code(), Some(status), "{said}");
    let lines = said
        .lines()
        .filter_map(|line| line.find("line ").map(|at| &line[at..]));
    lines.map(str::to_owned).collect()
}

/// Asserts that this line is the only one that is told, and why.
pub fn is_told(text: &[u8], status: i32, line: usize, why: &str) {
    let told = told(text, status);
    let text = String::from_utf8_lossy(text);
    assert_eq!(told.len(), 1, "{text:?}: {told:#?}");
    assert!(
        told[0].starts_with(&format!("line {line}: "))
            && told[0].contains(why)
            && told[0].ends_with(')'),
        "{text:?}: {told:#?}"
    );
}

/// A good profile in use, of three lines.
pub const GOOD: &str = "[profile p]\ncredential_process = EPICAC\nregion = us-east-1\n";

#[test]
fn what_breaks_the_file_for_an_sdk_is_an_error() {
    let cases = [
        ("[profile q\n", "write `[profile q]`"),
        ("[profile q]trailing\n", "write `[profile q]`"),
        ("[profile q] trailing\n", "write `[profile q]`"),
        ("[profile q]# note\n", "write `[profile q]`"),
        ("[profile a#b]\n", "no header"),
        ("[profile a;b]\n", "no header"),
        ("[]\n", "no header"),
        ("[DEFAULT]\n", "write `[default]`"),
        (
            "[default]\n[DEFAULT]\n",
            "into every profile (write `[default]`",
        ),
        (
            "[DEFAULT] # ours\n",
            "into every profile (write `[default]`",
        ),
        (
            "[profile p]\n",
            "already at line 1, and Python refuses the file",
        ),
        ("region = us-east-1\n", "region is already at line 3"),
        ("Region = us-east-1\n", "region is already at line 3"),
        ("[profile q]\na\n", "KEY = VALUE"),
        ("[profile q]\n= b\n", "KEY = VALUE"),
        ("[profile q]\na # = b\n", "KEY = VALUE"),
        ("[profile q]\na: b\n", "KEY = VALUE"),
        ("[profile q]\noutput: b\n", "write `output = b`"),
        ("[profile q]\noutput text\n", "write `output = text`"),
        ("[profile q]\ns3 =\n  nothing\n", "KEY = VALUE"),
        ("[profile q]\ns3 =\n  = b\n", "KEY = VALUE"),
        ("[profile q]\n  a = b\n", "an indented line"),
        ("[profile q]\n  # note\n", "an indented line"),
        ("[profile q]\n\t; note\n", "an indented line"),
        ("[profile q]\ns3 =\n  # note\n", "an indented line"),
        ("\u{a0}\n", "KEY = VALUE"),
        ("\u{a0}[profile q]\n", "KEY = VALUE"),
        ("[profile q]\na = b\rc = d\n", "control character"),
        ("[profile q]\na = b\0\n", "control character"),
    ];
    each(&cases, |(text, why)| {
        let line = 3 + text.lines().count();
        is_told(format!("{GOOD}{text}").as_bytes(), 1, line, why);
    });
    for (text, why) in [
        (format!("a = b\n{GOOD}"), "before the first section"),
        (format!(" # note\n{GOOD}"), "an indented line"),
        (format!("\u{feff}{GOOD}"), "byte order mark"),
        (format!("\u{feff}# note\r\n{GOOD}"), "byte order mark"),
    ] {
        is_told(text.as_bytes(), 1, 1, why);
    }
}

/// Its header is not missed because of it.
#[test]
fn a_control_character_is_one_cause() {
    for text in [
        GOOD.replace('\n', "\r"),
        GOOD.replace("e p]", "e p\u{1}]"),
        GOOD.replace("region", "\u{7f}region"),
    ] {
        let line = 1 + text
            .lines()
            .take_while(|it| !it.contains(['\r', '\u{1}', '\u{7f}']))
            .count();
        is_told(text.as_bytes(), 1, line, "control character");
    }
}

#[test]
fn another_encoding_is_one_cause() {
    let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let text: Vec<u8> = GOOD.encode_utf16().flat_map(bytes).collect();
        [mark, &text].concat()
    };
    for text in [
        utf16(b"\xff\xfe", u16::to_le_bytes),
        utf16(b"\xfe\xff", u16::to_be_bytes),
        utf16(b"", u16::to_le_bytes),
        utf16(b"", u16::to_be_bytes),
    ] {
        is_told(&text, 1, 1, "UTF-16");
    }
    let latin = [GOOD.as_bytes(), b"# \xe4\n[profile \xe4]\n"].concat();
    is_told(&latin, 1, 4, "not UTF-8");
}

/// What is beyond the form in the header or in a property of one profile, by the text of the profile: the line, and a
/// part of what is told.
#[rustfmt::skip]
const OF_A_PROFILE: [(&str, usize, &str); 43] = [
    ("[ profile x ]\n", 1, "write `[profile x]`"),
    ("[profile  x]\n", 1, "write `[profile x]`"),
    ("[profile\tx]\n", 1, "write `[profile x]`"),
    ("[profile x ]\n", 1, "write `[profile x]`"),
    ("[Profile x]\n", 1, "write `[profile x]`"),
    ("[x]\n", 1, "write `[profile x]`"),
    ("[profile \"x\"]\n", 1, "write `[profile x]`"),
    ("[profile 'x']\n", 1, "write `[profile x]`"),
    ("[profile x] # was [live]\n", 1, "write `[profile x]`"),
    ("[profile x]\n\u{a0}output = text\n", 2, "write `output = text`"),
    ("[profile x]\noutput\u{a0}= text\n", 2, "write `output = text`"),
    ("[profile x]\noutput =\u{a0}text\n", 2, "write `output = text`"),
    ("[profile x]\nOutput = text\n", 2, "write `output = text`"),
    ("[profile x]\nout put = text\n", 2, "(write output)"),
    ("[profile x]\na:b = text\n", 2, "for a key"),
    ("[profile x]\na\u{200b} = text\n", 2, "a\\u{200b} for a key"),
    ("[profile x]\noutput\u{200b} = text\n", 2, "output\\u{200b}"),
    ("[profile x]\nregion = us-east-1\u{200b}\n", 2, "us-east-1\\u{200b} is not"),
    ("[profile x]\noutput = text # note\n", 2, "write `output = text`"),
    ("[profile x]\noutput = text\t; note\n", 2, "write `output = text`"),
    ("[profile x]\noutput = \"text\"\n", 2, "write `output = text`"),
    ("[profile x]\nexternal_id = 'xy'\n", 2, "write `external_id = xy`"),
    ("[profile x]\noutput = text\n  # note\n", 3, "an indented line"),
    ("[profile x]\noutput = text\n  more\n", 3, "on one line"),
    ("[profile x]\noutput = text\n  a = b\n", 3, "remove the spaces"),
    ("[profile x]\ns3 =\n  # a = b\n", 3, "an indented line"),
    ("[profile x]\ns3 =\n  a = b # note\n", 3, "without a comment"),
    ("[profile x]\ns3 =\n  a = \"b\"\n", 3, "without quotation marks"),
    ("[profile x]\ns3 =\n  A = b\n", 3, "write `a = …`"),
    ("[profile x]\ns3 =\n  a\u{a0}= b\n", 3, "write `a = …`"),
    ("[profile x]\ns3 =\n  a b = c\n", 3, "for a key"),
    ("[profile x]\ns3 =\n  a = b\n  c = d\n  a = b\n", 5, "a is already at line"),
    ("[profile x]\nregion =\n  a = b\n  c = d\n", 3, "(write `region = …` on one line"),
    ("[profile x]\ncli_pager =\n  a = b\n", 3, "cli_pager has a value, and no properties that are nested"),
    ("[profile x]\nregion = us-east-1a\n", 2, "us-east-1a is not the code of a region"),
    ("[profile x]\nregion = ireland\n", 2, "ireland is not the code"),
    ("[profile x]\nregion = EU-West-1\n", 2, "EU-West-1 is not the code"),
    ("[profile x]\nregion = \"eu-west-2\"\n", 2, "write `region = eu-west-2`"),
    ("[profile x]\nregion =\n", 2, "region has no value"),
    ("[profile x]\nregion = # eu-west-2\n", 2, "write `region = …`"),
    ("[profile x]\nregions = eu-west-2\n", 2, "(write region)"),
    ("[profile x]\nexternal_id = x\n", 2, "external_id is not one that STS accepts"),
    ("[profile x]\nmfa_serial = arn:aws:iam::222222222222:mfa/me\n", 2, "mfa_serial"),
];

#[test]
fn what_concerns_the_profile_in_use_is_an_error() {
    each(&OF_A_PROFILE, |(text, line, why)| {
        // The profile `p`, or one that it leads to.
        let process = "credential_process = EPICAC\n";
        let (header, properties) = text.split_once('\n').unwrap();
        let own = format!("{}\n{properties}{process}", header.replace('x', "p"));
        let why_of_p = why.replace("profile x", "profile p");
        is_told(own.as_bytes(), 1, *line, &why_of_p);
        let leading =
            "[profile p]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = x\n";
        is_told(
            format!("{leading}{text}{process}").as_bytes(),
            1,
            line + 3,
            why,
        );
    });
}

/// What a line that is told was meant as is not missed elsewhere.
#[test]
fn what_follows_from_a_line_that_is_told_is_not_told() {
    const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest\n";
    const SOURCE: &str = "credential_process = EPICAC\n";
    #[rustfmt::skip]
    let cases = [
        (format!("[profile p]\n{ROLE}  source_profile = s\n[profile s]\n{SOURCE}"), 3, "an indented line"),
        (format!("[profile p]\nsource_profile = s\n\t{ROLE}[profile s]\n{SOURCE}"), 3, "an indented line"),
        (format!("[profile p]\n{ROLE}source_profile = s\n [profile s]\n{SOURCE}"), 4, "an indented line"),
        (format!("[profile q]\n{SOURCE}  [profile p]\n{SOURCE}"), 3, "an indented line"),
        (format!("[profile p]\n  {SOURCE}"), 2, "an indented line"),
        (format!(" [profile p]\n{SOURCE}"), 1, "an indented line"),
        (format!("[profile p]\n{SOURCE}  region = us-east-1\nregion = us-east-1\n"), 3, "an indented line"),
        (format!("[profile p]\n{ROLE}source_profile: s\n[profile s]\n{SOURCE}"), 3, "write `source_profile = s`"),
        (format!("[profile p]\n{ROLE}source_profile s\n[profile s]\n{SOURCE}"), 3, "write `source_profile = s`"),
        ("[profile p]\ncredential_process =\n  EPICAC\n".to_owned(), 3, "KEY = VALUE"),
        (format!("[profile p]\n{ROLE}source_profile =\n[profile s]\n{SOURCE}"), 3, "has no value"),
        (format!("[profile p]\nrole_arn =\nsource_profile = s\n[profile s]\n{SOURCE}"), 2, "has no value"),
    ];
    each(&cases, |(text, line, why)| {
        is_told(text.as_bytes(), 1, *line, why)
    });
}

#[test]
fn what_concerns_another_profile_is_a_warning() {
    each(&OF_A_PROFILE, |(text, line, why)| {
        is_told(format!("{GOOD}{text}").as_bytes(), 0, line + 3, why);
    });
    for (text, why) in [
        (
            "[profile My Account:ReadOnly]\n",
            "for the name of a profile",
        ),
        ("[profile]\n", "write `[profile NAME]`"),
        ("[profile ]\n", "write `[profile NAME]`"),
        ("[Profile]\n", "write `[profile NAME]`"),
        ("[services]\n", "write `[services NAME]`"),
        ("[sso-session]\n", "write `[sso-session NAME]`"),
        ("[sso-session a b]\n", "takes a b for the name"),
        ("[sso-session \u{fc}]\n", "takes \u{fc} for the name"),
        ("[services \"x\"]\n", "write `[services x]`"),
        ("[services x!]\n", "takes x! for the name"),
        ("[SSO-session z]\n", "write `[sso-session z]`"),
        ("[PLUGINS]\n", "write `[plugins]`"),
        ("[Default]\n", "write `[default]`"),
        ("[two words]\n", "write `[profile NAME]`"),
        ("[profile A-[b]/R]\n", "takes A-[b]/R for the name"),
        ("[profile  p]\n", "already at line 1 (make one section"),
        (
            "[default]\n[profile default]\n",
            "already at line 4 (make one section",
        ),
        ("[services s]\na = b # c\n", "without a comment"),
        ("[profile q\u{ad}]\n", "q\\u{ad} for the name"),
        (
            "[profile q]\ncredential_process = ./epicac\n",
            "relative path",
        ),
        (
            "[profile q]\nsource_profile = p\n",
            "nothing without role_arn",
        ),
    ] {
        let line = 3 + text.lines().count();
        let status = i32::from(text.contains("profile  p"));
        is_told(format!("{GOOD}{text}").as_bytes(), status, line, why);
    }
}

#[test]
fn a_section_that_the_profile_names_concerns_it() {
    let text = "[profile p]\nsso_role_name = dev\nsso_session = s\nsso_account_id = 222222222222\n\
                [sso-session s]\nsso_region = us-east-1 # note\nsso_start_url = https://x\n\
                [sso-session t]\nA = b\n";
    let told = told(text.as_bytes(), 1);
    let begins: Vec<_> = told.iter().map(|line| &line[..7]).collect();
    assert_eq!(begins, ["line 9:", "line 6:"], "{told:?}");
}

#[test]
fn warnings_are_counted() {
    let (_folder, path) = aws_config(&format!("{GOOD}[profile My Account]\nA = b\n"));
    let said = checking(&path).run().answers(0);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].ends_with(": 2 profiles, 2 warnings"), "{said}");
    assert!(lines[1].starts_with("warning: line 4: ") && lines[2].starts_with("warning: line 5: "));
}

#[test]
fn of_another_file_the_beginning_is_told() {
    assert_eq!(told("x\n".repeat(100_000).as_bytes(), 1).len(), 100);
}

/// The same holds for findings about profiles, but no number of warnings hides an error behind them.
#[test]
fn of_many_profiles_the_first_flaws_are_told() {
    let others: String = (0..200)
        .map(|n| format!("[profile x{n}]\nrole_arn = x\nsource_profile = p\n"))
        .collect();
    assert_eq!(told(format!("{GOOD}{others}").as_bytes(), 0).len(), 100);
    let late = format!("{others}{GOOD}a = b # note\n");
    assert!(
        told(late.as_bytes(), 1)
            .iter()
            .any(|it| it.starts_with("line 604: "))
    );
}

/// Chains that are followed anew from each profile would take minutes.
#[test]
fn the_largest_file_takes_no_longer_than_its_size() {
    const SIZE: usize = 256 << 10;
    let repeated = |line: &dyn Fn(usize) -> String| {
        let mut text = GOOD.to_owned();
        for n in 0.. {
            let line = line(n);
            if text.len() + line.len() > SIZE - 1000 {
                break;
            }
            text += &line;
        }
        text
    };
    for text in [
        repeated(&|n| format!("[profile q{n}]\nrole_arn=x\nsource_profile=q{}\n", n + 1)),
        repeated(&|n| format!("[profile q{}]\nrole_arn=x\nsource_profile=q{n}\n", n + 1)),
        repeated(&|n| format!("k{n} =\n")),
        repeated(&|n| format!("[k{n}]\n")),
    ] {
        let begin = Instant::now();
        told(text.as_bytes(), 0);
        let taken = begin.elapsed();
        assert!(taken < Duration::from_secs(5), "{taken:?}");
    }
}

#[test]
fn only_what_leads_back_to_itself_is_a_circle() {
    let role = |name: &str, source: &str| {
        format!(
            "[profile {name}]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = {source}\n"
        )
    };
    const KEYS: &str = "aws_access_key_id = AKIA\naws_secret_access_key = x\n";
    let circles = |profiles: &[String]| {
        let text = format!("{GOOD}{}", profiles.concat());
        told(text.as_bytes(), 0)
    };
    let to_three = [
        role("d", "a"),
        role("a", "b"),
        role("b", "c"),
        role("c", "a"),
    ];
    let lines = circles(&to_three);
    let is_of = |line: &str, lines: &[String]| {
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with(line) && lines[0].contains("leads back"));
    };
    is_of("line 9: ", &lines);
    // It is told of the profile in use, if that is one of the circle, and of two circles each is told.
    let used = [role("a", "b"), role("b", "p"), role("p", "a")].concat();
    is_of("line 9: ", &told(used.as_bytes(), 1));
    let leads = [role("b", "a"), role("a", "b"), role("p", "a")].concat();
    is_of("line 3: ", &told(leads.as_bytes(), 1));
    let two = [role("a", "b"), role("b", "a"), role("c", "c")];
    assert_eq!(circles(&two).len(), 2);
    // A profile that is not what an SDK reads of it is told by that.
    let beside = [
        role("a", "b") + "credential_process = EPICAC\n",
        role("b", "a"),
    ];
    let lines = circles(&beside);
    assert!(lines.len() == 1 && lines[0].contains("in one profile"));
    // Keys come before the source of the profile that has them.
    let keys = [role("a", "b"), role("b", "c"), role("c", "a") + KEYS];
    assert_eq!(circles(&keys).len(), 1);
    assert_eq!(circles(&[role("a", "a") + KEYS]).len(), 0);
    let by_a_lookalike = [
        role("a", "b") + KEYS,
        role("b", "a").replace("profile b", "b"),
    ];
    let lines = circles(&by_a_lookalike);
    assert!(
        lines.len() == 2 && lines.iter().any(|it| it.contains("leads back")),
        "{lines:?}"
    );
}
