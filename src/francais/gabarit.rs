//! Templates: a text with holes, what each hole may hold, and the same text in French.

/// What a hole holds, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Genre {
    /// Anything, as it is.
    Texte,
    /// A day.
    Jour,
    /// A month.
    Mois,
    /// Euros.
    Montant,
    /// A decimal number.
    Nombre,
    /// Names between backticks.
    Liste,
    /// A reason.
    Motif,
    /// Something that rules read.
    Donnee,
    /// Reasons separated by commas.
    Suite,
    /// The text of another finding.
    Constat,
    /// What the operating system answered.
    Systeme,
}

/// A piece of a template.
#[derive(Debug)]
enum Piece {
    Fixe(String),
    Trou { nom: String, genre: Genre },
}

/// A template and its translation.
#[derive(Debug)]
pub(super) struct Entree {
    anglais: Vec<Piece>,
    francais: Vec<Piece>,
}

/// Shows what a hole holds; `None` refuses it.
pub(super) type Valeur<'v> = &'v dyn Fn(Genre, &str) -> Option<String>;

/// The values of the holes met so far, in French.
type Valeurs<'e> = Vec<(&'e str, String)>;

impl Entree {
    /// Reads the two lines of an entry. `None`: a brace is open, a kind is not known, two holes
    /// touch, or the translation names a hole that is not there.
    pub(super) fn lue(anglais: &str, francais: &str) -> Option<Self> {
        let entree = Self { anglais: pieces(anglais)?, francais: pieces(francais)? };
        let trou = |piece: &Piece| matches!(piece, Piece::Trou { .. });
        let pairs = entree.anglais.iter().zip(entree.anglais.iter().skip(1));
        let touch = pairs.into_iter().any(|(one, next)| trou(one) && trou(next));
        let named = |wanted: &str| {
            let mut pieces = entree.anglais.iter();
            pieces.any(|piece| matches!(piece, Piece::Trou { nom, .. } if nom == wanted))
        };
        let all = entree.francais.iter().all(|piece| match piece {
            Piece::Fixe(_) => true,
            Piece::Trou { nom, genre } => *genre == Genre::Texte && named(nom),
        });
        (all && !touch).then_some(entree)
    }

    /// The text in French, if it is one of this template.
    pub(super) fn traduit(&self, texte: &str, valeur: Valeur<'_>) -> Option<String> {
        let valeurs = tient(&self.anglais, texte, valeur)?;
        let mut out = String::new();
        for piece in &self.francais {
            match piece {
                Piece::Fixe(fixed) => out.push_str(&super::typographie(fixed)),
                Piece::Trou { nom, .. } => {
                    let known = valeurs.iter().find(|(name, _)| name == nom);
                    out.push_str(known.map_or("", |(_, value)| value));
                }
            }
        }
        Some(out)
    }
}

/// The values of the holes when the text is made of the pieces; the shortest ones that fit.
fn tient<'e>(pieces: &'e [Piece], texte: &str, valeur: Valeur<'_>) -> Option<Valeurs<'e>> {
    match pieces {
        [] => texte.is_empty().then(Vec::new),
        [Piece::Fixe(fixed), rest @ ..] => tient(rest, texte.strip_prefix(&**fixed)?, valeur),
        [Piece::Trou { nom, genre }] => Some(vec![(nom, valeur(*genre, texte)?)]),
        [Piece::Trou { nom, genre }, rest @ ..] => {
            let Some(Piece::Fixe(next)) = rest.first() else { return None };
            texte.match_indices(&**next).find_map(|(at, _)| {
                let held = valeur(*genre, texte.get(..at)?)?;
                let mut valeurs = tient(rest, texte.get(at..)?, valeur)?;
                valeurs.push((nom, held));
                Some(valeurs)
            })
        }
    }
}

/// Cuts a line at its braces.
fn pieces(line: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((fixed, after)) = rest.split_once('{') {
        let (hole, next) = after.split_once('}')?;
        let (nom, genre) = hole.split_once(':').unwrap_or((hole, ""));
        if !fixed.is_empty() {
            pieces.push(Piece::Fixe(fixed.to_owned()));
        }
        pieces.push(Piece::Trou { nom: nom.to_owned(), genre: genre_nomme(genre)? });
        rest = next;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Fixe(rest.to_owned()));
    }
    Some(pieces)
}

fn genre_nomme(nom: &str) -> Option<Genre> {
    Some(match nom {
        "" => Genre::Texte,
        "jour" => Genre::Jour,
        "mois" => Genre::Mois,
        "montant" => Genre::Montant,
        "nombre" => Genre::Nombre,
        "liste" => Genre::Liste,
        "motif" => Genre::Motif,
        "entree" => Genre::Donnee,
        "suite" => Genre::Suite,
        "constat" => Genre::Constat,
        "systeme" => Genre::Systeme,
        _ => return None,
    })
}
