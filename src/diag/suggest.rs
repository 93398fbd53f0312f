//! Names that people confuse: folding, distance, nearest candidates.
//!
//! May import: nothing of this crate. Must not know: what the names stand for.

use std::collections::BTreeSet;

/// The form under which two spellings of one name are equal: lower case, no accents, hyphens,
/// apostrophes and underscores as spaces, runs of spaces as one, no space at the ends.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            '-' | '\u{2010}'..='\u{2015}' | '\u{ad}' | '_' => space(&mut folded),
            '\'' | '`' | '´' | '\u{2018}' | '\u{2019}' | '\u{2bc}' => space(&mut folded),
            _ if letter.is_whitespace() => space(&mut folded),
            '\u{300}'..='\u{36f}' | '\u{feff}' | '\u{200b}' => {}
            _ => match plain(letter) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(letter),
            },
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Adds a space, unless one is there already or nothing has started.
fn space(folded: &mut String) {
    if !folded.is_empty() && !folded.ends_with(' ') {
        folded.push(' ');
    }
}

/// The letters without accent that stand for a lower-case letter, when it has an accent.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'æ' => "ae",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => "o",
        'œ' => "oe",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'ß' => "ss",
        _ => return None,
    })
}

/// How many slips separate two names once folded: a letter added, missing, replaced,
/// or swapped with its neighbour (Damerau-Levenshtein, no letter edited twice).
pub fn similar(a: &str, b: &str) -> usize {
    distance(&letters(&fold(a)), &letters(&fold(b)))
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// The distance between two words, row by row of the usual table.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut two_above: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut before_left = None;
    for (row, &left) in a.iter().enumerate() {
        let mut cell = row + 1;
        let mut current = Vec::with_capacity(above.len());
        current.push(cell);
        let mut before_right = None;
        for (column, &right) in b.iter().enumerate() {
            let replaced = at(&above, column) + usize::from(left != right);
            cell = replaced.min(at(&above, column + 1) + 1).min(cell + 1);
            if before_left == Some(right) && before_right == Some(left) {
                cell = cell.min(at(&two_above, column.saturating_sub(1)) + 1);
            }
            current.push(cell);
            before_right = Some(right);
        }
        two_above = std::mem::replace(&mut above, current);
        before_left = Some(left);
    }
    above.last().copied().unwrap_or(0)
}

/// A cell of a row; a cell that does not exist is far from everything.
fn at(row: &[usize], column: usize) -> usize {
    row.get(column).copied().unwrap_or(usize::MAX >> 1)
}

/// The `count` candidates that `wanted` most likely stands for, the likeliest first.
///
/// A candidate is proposed when at most a third of the letters differ, or, after those, when it
/// holds every word of `wanted` (`indice_majore` for `agent.indice_majore`), even shortened.
/// Equal chances are settled by alphabetical order, so that the answer never depends on the
/// order of `candidates`.
pub fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let wanted = fold(wanted);
    if wanted.is_empty() {
        return Vec::new();
    }
    let pattern = letters(&wanted);
    let ranked: BTreeSet<(bool, usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let (far, rank) = chance(&wanted, &pattern, &fold(candidate))?;
            Some((far, rank, candidate))
        })
        .collect();
    ranked.into_iter().take(count).map(|(_, _, candidate)| candidate).collect()
}

/// Whether a candidate is only a longer name, and how far it is; `None` when it is unlike `wanted`.
fn chance(wanted: &str, pattern: &[char], candidate: &str) -> Option<(bool, usize)> {
    let letters = letters(candidate);
    let longest = pattern.len().max(letters.len());
    let gap = pattern.len().abs_diff(letters.len());
    let allowed = longest.max(3).div_euclid(3);
    if gap <= allowed {
        let slips = distance(pattern, &letters);
        if slips <= allowed && slips < longest {
            return Some((false, slips));
        }
    }
    let holds = wanted.split(' ').all(|word| candidate.contains(word));
    (pattern.len() >= 3 && (holds || abbreviates(wanted, candidate))).then_some((true, gap))
}

/// Whether each word shortens a word of `candidate`, in the same order: `adj tech ppal` for
/// `adjoint technique principal`.
fn abbreviates(wanted: &str, candidate: &str) -> bool {
    let mut words = candidate.split(' ');
    wanted.split(' ').all(|short| {
        let short = short.trim_end_matches('.');
        words.any(|word| {
            let mut letters = word.chars();
            let same_start = short.chars().next() == word.chars().next();
            same_start && short.chars().all(|letter| letters.any(|other| other == letter))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_people_write_differently() {
        for (text, folded) in [
            ("Adjoint administratif", "adjoint administratif"),
            ("ÉCHELON", "echelon"),
            ("e\u{301}chelon", "echelon"),
            ("cœur — L’Haÿ-les-Roses", "coeur l hay les roses"),
            ("  taux_versement__mobilité\u{a0}", "taux versement mobilite"),
            ("Œuvre æ ç ô ö î ï û ù ü", "oeuvre ae c o o i i u u u"),
            ("d'État", "d etat"),
            ("2ᵉ classe", "2ᵉ classe"),
            ("---", ""),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Ingénieur-en-chef", "İ", "œ’ŒÉ_", "\u{301}", " a  b "] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn counts_slips() {
        for (a, b, slips) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("quotite", "quotité", 0),
            ("quotite", "qoutite", 1),
            ("ab", "ba", 1),
            ("siret", "sirte", 1),
            ("siret", "siren", 1),
            ("agent", "agents", 1),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
        ] {
            assert_eq!(similar(a, b), slips, "{a} {b}");
            assert_eq!(similar(b, a), slips, "{b} {a}");
        }
    }

    #[test]
    fn proposes_the_likeliest_first_whatever_the_order() {
        let columns = ["siret", "nom", "nature", "insee", "population", "effectif", "siret"];
        assert_eq!(nearest("SIREN", columns, 3), ["siret"]);
        assert_eq!(nearest("populaton", columns, 1), ["population"]);
        assert_eq!(nearest("zzz", columns, 3), [""; 0]);
        assert_eq!(nearest("", columns, 3), [""; 0]);
        assert_eq!(nearest("a", ["b", "c"], 3), [""; 0]);
        assert_eq!(nearest("taux_b", ["taux_c", "taux_a"], 3), ["taux_a", "taux_c"]);
        assert_eq!(nearest("taux_b", ["taux_a", "taux_c"], 3), ["taux_a", "taux_c"]);
        assert_eq!(nearest("taux_b", ["taux_a", "taux_c"], 0), [""; 0]);
    }

    #[test]
    fn proposes_longer_names_after_close_ones() {
        let names = ["agent.indice_majore", "indice_majoré", "point_indice"];
        assert_eq!(nearest("indice_majore", names, 3), ["indice_majoré", "agent.indice_majore"]);
        let grades = ["rédacteur", "rédacteur principal de 1re classe", "attaché"];
        let found = nearest("Redacteur principal 1re classe", grades, 3);
        assert_eq!(found, ["rédacteur principal de 1re classe"]);
        assert_eq!(nearest("redacteur principal", grades, 1), [grades[1]]);
        assert_eq!(nearest("réd. ppal 1re cl.", grades, 3), [grades[1]]);
        assert_eq!(nearest("réd. ppal 2e cl.", grades, 3), [""; 0]);
    }
}
