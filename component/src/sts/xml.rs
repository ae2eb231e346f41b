//! The part of XML 1.0 that an answer of STS needs: elements and text. Attributes are skipped.
//!
//! It is written by hand. STS never writes comments, CDATA, processing instructions or declarations, so they are
//! refused: a declaration could change the meaning of an entity. The tests compare it with roxmltree.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::XML_ELEMENTS;

/// The elements of a document, in the order in which they begin.
pub struct Document<'a>(Vec<Element<'a>>);

/// An element. May hold a secret.
struct Element<'a> {
    name: &'a str,
    /// How many elements are around it.
    depth: usize,
    /// Its own text, without that of its children.
    text: String,
}

/// An element of a document, by its number.
#[derive(Clone, Copy)]
pub struct Node(usize);

impl<'a> Document<'a> {
    /// Parses a text that is one element. `None` if it is not.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        if reader.take("<?xml ") {
            reader.take_until("?>")?;
        }
        let mut elements: Vec<Element<'a>> = Vec::new();
        // The indices of the open elements.
        let mut open: Vec<usize> = Vec::new();
        while !reader.rest.is_empty() {
            let depth = open.len();
            if !reader.take("<") {
                let text = reader.text()?;
                match open.last().and_then(|index| elements.get_mut(*index)) {
                    Some(element) => element.text.push_str(&text),
                    None if text.trim_ascii().is_empty() => {}
                    None => return None,
                }
            } else if reader.take("/") {
                let element = elements.get(open.pop()?)?;
                if reader.name()? != element.name {
                    return None;
                }
                reader.space();
                reader.expect(">")?;
            } else {
                let is_second = depth == 0 && !elements.is_empty();
                if is_second || elements.len() >= XML_ELEMENTS {
                    return None;
                }
                let name = reader.name()?;
                if !reader.attributes()? {
                    open.push(elements.len());
                }
                elements.push(Element {
                    name,
                    depth,
                    text: String::new(),
                });
            }
        }
        (open.is_empty() && !elements.is_empty()).then_some(Self(elements))
    }

    /// The root element, if this is its name.
    pub fn root(&self, name: &str) -> Option<Node> {
        let root = self.0.first()?;
        (root.name == name).then_some(Node(0))
    }

    /// The direct children of this name.
    pub fn children(&self, node: Node, name: &str) -> impl Iterator<Item = Node> {
        let depth = self.0.get(node.0).map_or(0, |element| element.depth);
        (node.0 + 1..)
            .zip(self.0.iter().skip(node.0 + 1))
            .take_while(move |(_, element)| element.depth > depth)
            .filter(move |(_, element)| element.depth == depth + 1 && element.name == name)
            .map(|(index, _)| Node(index))
    }

    /// The text of an element without children.
    pub fn text(&self, node: Node) -> Option<&str> {
        let element = self.0.get(node.0)?;
        let next = self.0.get(node.0 + 1);
        let is_leaf = next.is_none_or(|next| next.depth <= element.depth);
        is_leaf.then_some(&element.text)
    }
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, word: &str) -> Option<()> {
        self.take(word).then_some(())
    }

    /// Takes bytes while `is_inner` holds. It must end at an ASCII byte, so that no character is divided.
    fn take_while(&mut self, is_inner: fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|byte| !is_inner(byte));
        let end = end.unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        taken
    }

    fn space(&mut self) -> bool {
        !self
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            .is_empty()
    }

    /// Takes what comes before this word, and the word.
    fn take_until(&mut self, word: &str) -> Option<()> {
        (_, self.rest) = self.rest.split_once(word)?;
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let name = self.take_while(
            |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.'),
        );
        let first = name.bytes().next()?;
        (first.is_ascii_alphabetic() || first == b'_').then_some(name)
    }

    /// Takes the rest of a tag. True if it is that of an empty element, `/>`.
    fn attributes(&mut self) -> Option<bool> {
        loop {
            let is_apart = self.space();
            if self.take(">") {
                return Some(false);
            }
            if self.take("/>") {
                return Some(true);
            }
            self.name().filter(|_| is_apart)?;
            // A prefix, as of `xmlns:xsi`.
            if self.take(":") {
                self.name()?;
            }
            self.space();
            self.expect("=")?;
            self.space();
            if self.take("\"") {
                self.take_while(|byte| !matches!(byte, b'"' | b'<'));
                self.expect("\"")?;
            } else {
                self.expect("'")?;
                self.take_while(|byte| !matches!(byte, b'\'' | b'<'));
                self.expect("'")?;
            }
        }
    }

    /// Takes the text up to the next tag.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let plain = self.take_while(|byte| !matches!(byte, b'<' | b'&' | b'>'));
            if !plain.chars().all(is_allowed) {
                return None;
            }
            text.push_str(plain);
            if self.take("&") {
                text.push(self.reference()?);
            } else if self.take(">") {
                // `]]>` may not stand in a text.
                if text.ends_with("]]") {
                    return None;
                }
                text.push('>');
            } else {
                return Some(text);
            }
        }
    }

    /// Takes the rest of a reference to a character.
    fn reference(&mut self) -> Option<char> {
        let name = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
        self.expect(";")?;
        Some(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let (digits, base) = match number.strip_prefix('x') {
                    Some(digits) => (digits, 16),
                    None => (number, 10),
                };
                let value = digits.chars().try_fold(0_u32, |value, digit| {
                    value.checked_mul(base)?.checked_add(digit.to_digit(base)?)
                })?;
                // Without digits, the value is 0, which is not allowed.
                char::from_u32(value).filter(|c| is_allowed(*c))?
            }
        })
    }
}

/// Whether a document may hold this character.
fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}
