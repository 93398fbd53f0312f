//! Words shared by many rows, and closed lists of words.

use std::sync::Arc;

/// A word that many rows repeat (rubrique, grade, contract): cloned by counting, never copied.
pub type Word = Arc<str>;

/// The form in which words of closed lists are compared: lower case, no accent, every space,
/// hyphen, apostrophe and underscore turned into one `_`.
///
/// `Maladie ordinaire` and `maladie-ordinaire` both give `maladie_ordinaire`.
pub fn canonical(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.trim().chars().flat_map(char::to_lowercase) {
        match plain(character) {
            Some(' ') if folded.ends_with('_') || folded.is_empty() => {}
            Some(' ') => folded.push('_'),
            Some(letter) => folded.push(letter),
            None => {}
        }
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}

/// The unaccented letter, a space for what separates words, nothing for a combining accent.
fn plain(character: char) -> Option<char> {
    Some(match character {
        'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ÿ' => 'y',
        '\u{300}'..='\u{36f}' => return None,
        ' ' | '-' | '_' | '\'' | '’' | '‐' | '\u{2011}' | '\u{a0}' | '\u{202f}' => ' ',
        other => other,
    })
}

/// A closed list of words: an enumeration with its names, read with accents and case ignored.
macro_rules! closed_list {
    (
        $(#[doc = $doc:literal])+
        $list:ident { $($(#[doc = $item_doc:literal])+ $item:ident = $name:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $list { $($(#[doc = $item_doc])+ $item,)+ }

        impl $list {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$item,)+];
            /// Every name, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name used in files.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$item => $name,)+ }
            }

            /// Reads a name; accents, case, hyphens and spaces are ignored.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => return Some(Self::$item),)+
                    _ => {}
                }
                let folded = $crate::domain::canonical(name);
                $(if folded.eq_ignore_ascii_case($name) { return Some(Self::$item); })+
                None
            }
        }

        impl std::fmt::Display for $list {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.name())
            }
        }
    };
}
pub(super) use closed_list;

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn accents_case_and_hyphens_do_not_matter() {
        assert_eq!(canonical(" Maladie  Ordinaire "), "maladie_ordinaire");
        assert_eq!(canonical("Assistant-Maternel"), "assistant_maternel");
        assert_eq!(canonical("ÉLU"), "elu");
        assert_eq!(canonical("e\u{301}lu"), "elu");
        assert_eq!(canonical("—"), "—");
    }
}
