//! What was typed in the form of a simulation, as changes; what is wrong, field by field.

use crate::calendar::Day;
use crate::preview::{Change, ChangeError};
use crate::serve::registre::Listes;
use crate::serve::web::Champs;

/// Rows of premiums.
pub(super) const PRIMES: usize = 4;

/// How a field is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lecture {
    /// As typed.
    Texte,
    /// A percentage, whether its sign was typed or not.
    Pourcentage,
}

/// Fields that are one change each: the name of the change is that of the field. The children in
/// alternating residence are not here: see [`enfants`].
const SIMPLES: [(&str, Lecture); 8] = [
    ("statut", Lecture::Texte),
    ("regime", Lecture::Texte),
    ("grade", Lecture::Texte),
    ("echelon", Lecture::Texte),
    ("quotite", Lecture::Texte),
    ("duree_hebdo", Lecture::Texte),
    ("nbi", Lecture::Texte),
    ("taux_pas", Lecture::Pourcentage),
];

/// Labels of the fields that errors cite.
const LIBELLES: [(&str, &str); 10] = [
    ("statut", "Statut"),
    ("regime", "Régime de retraite"),
    ("grade", "Grade"),
    ("echelon", "Échelon"),
    ("quotite", "Quotité"),
    ("duree_hebdo", "Durée hebdomadaire du poste"),
    ("nbi", "NBI"),
    ("taux_pas", "Taux du prélèvement à la source"),
    ("enfants", "Enfants à charge"),
    ("enfants_alternes", "Enfants en résidence alternée"),
];

/// What a form asks.
#[derive(Debug, Default)]
pub(super) struct Demande {
    /// Changes, each with the field that it comes from.
    pub essais: Vec<(String, Change)>,
    /// Fields and what is wrong with them; no field: the form as a whole.
    pub erreurs: Vec<(String, String)>,
}

impl Demande {
    /// Adds a change typed in a field.
    fn essaie(&mut self, champ: &str, nom: &str, valeur: &str) {
        match Change::new(nom, valeur) {
            Ok(change) => self.essais.push((champ.to_owned(), change)),
            Err(error) => self.erreurs.push(refuse(champ, &error)),
        }
    }

    fn erreur(&mut self, champ: &str, message: impl Into<String>) {
        self.erreurs.push((champ.to_owned(), message.into()));
    }
}

/// Reads a form; a field that is left empty changes nothing.
pub(super) fn lire(champs: &Champs, listes: &Listes) -> Demande {
    let mut demande = Demande::default();
    for (nom, lecture) in SIMPLES {
        let mut valeur = champs.un(nom).to_owned();
        if valeur.is_empty() {
            continue;
        }
        if lecture == Lecture::Pourcentage && !valeur.ends_with('%') {
            valeur.push('%');
        }
        demande.essaie(nom, nom, &valeur);
    }
    enfants(champs, &mut demande);
    primes(champs, listes, &mut demande);
    absence(champs, &mut demande);
    if demande.essais.is_empty() && demande.erreurs.is_empty() {
        demande.erreur("", "Remplissez au moins un champ\u{a0}: rien n’est changé pour l’instant.");
    }
    demande
}

/// Children: the two numbers depend on each other, and changes are tried one after the other.
fn enfants(champs: &Champs, demande: &mut Demande) {
    let (tous, alternes) = (champs.un("enfants"), champs.un("enfants_alternes"));
    if !tous.is_empty() && !alternes.is_empty() {
        demande.essaie("enfants_alternes", "enfants_alternes", "0");
    }
    for (nom, valeur) in [("enfants", tous), ("enfants_alternes", alternes)] {
        if !valeur.is_empty() {
            demande.essaie(nom, nom, valeur);
        }
    }
}

fn primes(champs: &Champs, listes: &Listes, demande: &mut Demande) {
    let mut vues: Vec<&str> = Vec::new();
    for rang in 1..=PRIMES {
        let nom = format!("prime_{rang}");
        let code = champs.un(&nom);
        let [montant, nombre] = ["montant", "nombre"].map(|suite| format!("{nom}_{suite}"));
        let (euros, unites) = (champs.un(&montant), champs.un(&nombre));
        if code.is_empty() {
            if !euros.is_empty() || !unites.is_empty() {
                demande.erreur(&nom, format!("Prime {rang}\u{a0}: choisissez la rubrique."));
            }
            continue;
        }
        if vues.contains(&code) {
            let message = format!("Prime {rang}\u{a0}: cette rubrique est déjà choisie plus haut.");
            demande.erreur(&nom, message);
            continue;
        }
        vues.push(code);
        if euros.is_empty() && unites.is_empty() {
            let message = format!("Prime {rang}\u{a0}: indiquez un montant ou un nombre.");
            demande.erreur(&montant, message);
        }
        let prime = listes.prime(code);
        let columns = [
            (&montant, "montant", euros, prime.is_none_or(|prime| prime.montant)),
            (&nombre, "nombre", unites, prime.is_none_or(|prime| prime.nombre)),
        ];
        for (champ, colonne, valeur, lue) in columns {
            match (valeur, lue) {
                ("", _) => {}
                (_, true) => demande.essaie(champ, &format!("{code}.{colonne}"), valeur),
                (_, false) => demande.erreur(champ, format!(
                    "Prime {rang}\u{a0}: cette rubrique ne se saisit pas en {colonne}, laissez ce \
                     champ vide."
                )),
            }
        }
    }
}

fn absence(champs: &Champs, demande: &mut Demande) {
    let [nature, du, au] = ["nature", "du", "au"].map(|nom| champs.un(&format!("absence_{nom}")));
    if nature.is_empty() && du.is_empty() && au.is_empty() {
        return;
    }
    let before = demande.erreurs.len();
    if nature.is_empty() {
        demande.erreur("absence_nature", "Absence\u{a0}: choisissez sa nature.");
    }
    if du.is_empty() {
        demande.erreur("absence_du", "Absence\u{a0}: indiquez son premier jour.");
    }
    // One day needs no last day.
    let fin = if au.is_empty() { du } else { au };
    for (champ, valeur) in [("absence_du", du), ("absence_au", au)] {
        if let (false, Err(cause)) = (valeur.is_empty(), Day::parse(valeur)) {
            let error = ChangeError::Jour { valeur: valeur.to_owned(), cause };
            demande.erreurs.push(refuse(champ, &error));
        }
    }
    if demande.erreurs.len() == before {
        demande.essaie("absence_du", "absence", &format!("{nature}:{du}:{fin}"));
    }
}

/// A field and why it is refused, under the name that people see.
pub(super) fn refuse(champ: &str, error: &ChangeError) -> (String, String) {
    let mut message = error.french();
    for (nom, libelle) in LIBELLES {
        let cite = |texte: &str| format!("«\u{a0}{texte}\u{a0}»");
        message = message.replace(&cite(nom), &cite(libelle));
    }
    let champ = match error {
        ChangeError::Nature { .. } => "absence_nature",
        ChangeError::Ordre { .. } => "absence_au",
        ChangeError::Rubrique { .. } => {
            champ.trim_end_matches("_montant").trim_end_matches("_nombre")
        }
        _ => champ,
    };
    (champ.to_owned(), message)
}
