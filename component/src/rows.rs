//! Errors as tables, for the host: one row for each variant. The component itself has few errors of so plain a form, and
//! writes them out in [`sentences`](crate::sentences).

use crate::printable::Line;

/// Declares an enum of causes, with one row for each variant: its fields, a constant if the enum names a type for it (most
/// of them say there what failed), why, and what to do. The name of a field in braces stands for its text. A field that is
/// itself such an enum puts its reason into the reason, and its remedy into the remedy. A variant is documented by its
/// reason.
///
/// A new row is all that a new error needs. Then `EPICAC_BLESS=1 cargo test` writes it into the documentation. A new "what
/// failed" also needs a place there: see `hold` in tests/page.
///
/// ```
/// epicac_component::rows! {
///     /// Why there is no file.
///     pub enum Missing: &'static str {
///         Unset = "no file" => "HOME is not set", "set it";
///         NotThere(path: String) = "no file" => "{path}: there is no such file", "make {path}";
///     }
/// }
/// let row = Missing::NotThere("/a".to_owned()).row();
/// assert_eq!(row, ("no file", "/a: there is no such file".to_owned(), "make /a".to_owned()));
/// ```
#[macro_export]
macro_rules! rows {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(: $told_of:ty)? {
        $(
            $(#[$doc:meta])*
            $variant:ident $(($($field:ident: $type:ty),*))? $(= $of:expr)? => $why:literal, $remedy:expr;
        )*
    }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$doc])* #[doc = concat!("`` ", $why, " ``")] $variant $(($($type),*))?),*
        }

        #[allow(unused_parens, reason = "an enum that does not say what its rows are told of has ()")]
        impl $name {
            /// The constant of this row.
            pub(crate) const fn of(&self) -> ($($told_of)?) {
                match self {
                    $(Self::$variant { .. } => ($($of)?)),*
                }
            }

            /// The constant of this row, why, and what to do.
            pub(crate) fn row(&self) -> (($($told_of)?), String, String) {
                let [why, remedy] = match self {
                    $(Self::$variant $(($($field),*))? => {
                        $crate::rows::filled([$why, $remedy], &[$($((stringify!($field), $field)),*)?])
                    })*
                };
                (self.of(), why, remedy)
            }

            /// Every row, for the documentation.
            #[cfg(test)]
            pub(crate) fn rows() -> Vec<(($($told_of)?), String, String)> {
                let mut rows = Vec::new();
                $(
                    let fields = [$($((stringify!($field), <$type as $crate::rows::Field>::shown())),*)?];
                    let texts = $crate::rows::shown([$why, $remedy], &fields);
                    rows.extend(texts.into_iter().map(|[why, remedy]| (($($of)?), why, remedy)));
                )*
                rows
            }
        }

        impl $crate::rows::Field for $name {
            fn why(&self) -> String {
                self.row().1
            }

            fn remedy(&self) -> String {
                self.row().2
            }

            #[cfg(test)]
            fn shown() -> Vec<[String; 2]> {
                Self::rows().into_iter().map(|(_, why, remedy)| [why, remedy]).collect()
            }
        }
    };
}

/// What can be a field of a row.
pub trait Field {
    /// Its text in a reason.
    fn why(&self) -> String;

    /// Its text in a remedy.
    fn remedy(&self) -> String {
        self.why()
    }

    /// Both texts in the documentation, for each value that is told apart there.
    fn shown() -> Vec<[String; 2]>
    where
        Self: Sized,
    {
        vec![["…".to_owned(), "…".to_owned()]]
    }
}

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Field for $type {
            /// Text from outside stays on one line.
            fn why(&self) -> String {
                Line(&self.to_string()).to_string()
            }
        }
    )*};
}

texts!(
    String,
    &str,
    char,
    u16,
    u64,
    usize,
    std::io::Error,
    std::sync::Arc<std::io::Error>,
    std::net::SocketAddr
);

/// Reason and remedy with these fields in the places of their names. It is a function because each `format!` in its place
/// would add code to the program.
pub fn filled([why, remedy]: [&'static str; 2], fields: &[(&str, &dyn Field)]) -> [String; 2] {
    [
        text(why, fields, |it| it.why()),
        text(remedy, fields, |it| it.remedy()),
    ]
}

fn text(
    text: &'static str,
    fields: &[(&str, &dyn Field)],
    said: fn(&dyn Field) -> String,
) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or_default();
        let field = fields.iter().find(|(it, _)| *it == name);
        debug_assert!(field.is_some(), "{name} in {text}");
        filled += &field.map_or(String::new(), |(_, it)| said(*it));
        filled += rest;
    }
    filled
}

/// Reason and remedy as the documentation has them, for each value of each field that it tells apart.
pub fn shown(texts: [&str; 2], fields: &[(&str, Vec<[String; 2]>)]) -> Vec<[String; 2]> {
    let mut rows = vec![texts.map(str::to_owned)];
    for (name, values) in fields {
        let place = format!("{{{name}}}");
        let with = |[why, remedy]: [String; 2]| {
            let values = values.iter();
            let place = &place;
            values.map(move |[in_why, in_remedy]| {
                [why.replace(place, in_why), remedy.replace(place, in_remedy)]
            })
        };
        rows = rows.into_iter().flat_map(with).collect();
    }
    rows
}

#[cfg(test)]
mod tests {
    rows! {
        #[derive(Debug)]
        enum Inner {
            Plain => "it is plain", "do this";
            Named(name: String) => "it is {name}", "do that to {name}";
        }
    }

    rows! {
        #[derive(Debug)]
        enum Outer: u8 {
            First(number: u16) = 1 => "number {number}", "count";
            Second(place: String, inner: Inner) = 2 => "{place}: {inner}", "{inner}";
        }
    }

    fn row(of: u8, why: &str, remedy: &str) -> (u8, String, String) {
        (of, why.to_owned(), remedy.to_owned())
    }

    #[test]
    fn an_error_inside_of_another_says_why_and_what_to_do() {
        assert_eq!(Outer::First(5).row(), row(1, "number 5", "count"));
        // Nothing in a field is taken for the name of another one.
        let second = Outer::Second("{inner}".to_owned(), Inner::Named("a\nb".to_owned()));
        let expected = row(2, "{inner}: it is a b", "do that to a b");
        assert_eq!(second.row(), expected);
        let second = Outer::Second("here".to_owned(), Inner::Plain);
        assert_eq!(second.row(), row(2, "here: it is plain", "do this"));
    }

    #[test]
    fn the_documentation_has_each_row_of_both() {
        let expected = [
            row(1, "number …", "count"),
            row(2, "…: it is plain", "do this"),
            row(2, "…: it is …", "do that to …"),
        ];
        assert_eq!(Outer::rows(), expected);
    }
}
