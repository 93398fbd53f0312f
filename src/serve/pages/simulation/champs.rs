//! The fields of a simulation, each with what holds today; what is left empty does not change.

use maud::{Markup, html};

use super::lecture::PRIMES;
use super::mots::dit;
use crate::bulletin::Bulletin;
use crate::calendar::PayPeriod;
use crate::domain::{Regime, Statut};
use crate::serve::html::{Champ, Choix, Genre, champ_nombre, champ_texte, choix, groupe, taux};
use crate::serve::registre::{Listes, PrimeConnue};
use crate::serve::web::Champs;

/// What holds today; empty when it does not apply.
#[derive(Debug, Default)]
pub(super) struct DuJour(Vec<(&'static str, String)>);

impl DuJour {
    /// What a payslip says, with the children and how many of them in alternating residence.
    pub(super) fn new(bulletin: &Bulletin, (enfants, alternes): (i64, i64)) -> Self {
        let plein = |duree: &str| if duree.is_empty() { "temps complet" } else { duree }.to_owned();
        let mut facts = match bulletin.situations.last() {
            None => Vec::new(),
            Some(part) => vec![
                ("statut", part.statut.clone()),
                ("regime", part.regime.clone()),
                ("grade", part.grade.clone()),
                ("echelon", part.echelon.clone()),
                ("quotite", part.quotite.clone()),
                ("duree_hebdo", plein(&part.duree_hebdo)),
                ("nbi", part.nbi.to_string()),
            ],
        };
        facts.push(("enfants", enfants.to_string()));
        facts.push(("enfants_alternes", alternes.to_string()));
        facts.push(("taux_pas", bulletin.totaux.taux_pas.map_or_else(String::new, taux)));
        Self(facts)
    }

    fn de(&self, nom: &str) -> &str {
        self.0.iter().find(|(connu, _)| *connu == nom).map_or("", |(_, valeur)| valeur)
    }
}

/// What the fields show.
pub(super) struct Saisie<'s> {
    /// What was typed.
    pub champs: &'s Champs,
    /// What is wrong with it, by field.
    pub erreurs: &'s [(String, String)],
    /// What lists offer.
    pub listes: &'s Listes,
    /// What holds today.
    pub du_jour: &'s DuJour,
}

impl Saisie<'_> {
    fn erreur(&self, nom: &str) -> Option<&str> {
        self.erreurs.iter().find(|(champ, _)| champ == nom).map(|(_, message)| message.as_str())
    }

    /// What holds today, then how to write another value.
    fn aide(&self, nom: &str, aide: &str) -> String {
        match self.du_jour.de(nom) {
            "" => aide.to_owned(),
            valeur if aide.is_empty() => format!("Aujourd’hui\u{a0}: {valeur}."),
            valeur => format!("Aujourd’hui\u{a0}: {valeur}. {aide}"),
        }
    }

    fn champ<'c>(&'c self, nom: &'c str, libelle: &'c str, aide: &'c str) -> Champ<'c> {
        let (valeur, erreur) = (self.champs.un(nom), self.erreur(nom));
        Champ { nom, libelle, aide, valeur, erreur, autocompletion: "off", ..Champ::default() }
    }

    fn texte(&self, nom: &str, libelle: &str, aide: &str) -> Markup {
        champ_texte(&self.champ(nom, libelle, &self.aide(nom, aide)))
    }

    fn nombre(&self, nom: &str, libelle: &str, aide: &str, unite: &str) -> Markup {
        champ_nombre(&self.champ(nom, libelle, &self.aide(nom, aide)), unite)
    }

    fn liste(&self, nom: &str, libelle: &str, entrees: &[Choix]) -> Markup {
        choix(&self.champ(nom, libelle, &self.aide(nom, "")), entrees)
    }

    fn jour(&self, nom: &str, libelle: &str, aide: &str) -> Markup {
        champ_texte(&Champ { genre: Genre::Jour, ..self.champ(nom, libelle, aide) })
    }
}

/// Every field.
pub(super) fn saisie(vue: &Saisie<'_>, mois: PayPeriod) -> Markup {
    html! {
        p { "Remplissez seulement ce qui change. Un champ vide garde sa valeur d’aujourd’hui." }
        (groupe("Grade et échelon", &grade(vue)))
        (groupe("Temps de travail et points", &temps(vue)))
        (primes(vue))
        (groupe("Famille et impôt", &famille(vue)))
        (groupe("Absence", &absence(vue, mois)))
        (groupe("Statut et retraite", &statut(vue)))
    }
}

fn grade(vue: &Saisie<'_>) -> Markup {
    let grade = |(nom, categorie): &(String, String)| {
        let libelle = match categorie.as_str() {
            "" => nom.clone(),
            categorie => format!("{nom} ({categorie})"),
        };
        Choix::new(nom.as_str(), libelle)
    };
    let grades: Vec<Choix> = vue.listes.grades.iter().map(grade).collect();
    html! {
        (vue.liste("grade", "Grade", &grades))
        (vue.texte("echelon", "Échelon", "Un numéro, par exemple 6."))
    }
}

fn temps(vue: &Saisie<'_>) -> Markup {
    html! {
        (vue.nombre("quotite", "Quotité (temps partiel)", "Par exemple 80, ou 7/10.", "%"))
        (vue.texte("duree_hebdo", "Durée hebdomadaire du poste", "En heures\u{a0}: 35, ou 17h30."))
        (vue.nombre("nbi", "NBI", "", "points"))
    }
}

fn famille(vue: &Saisie<'_>) -> Markup {
    let alternes = "Parmi les enfants à charge.";
    html! {
        (vue.nombre("enfants", "Enfants à charge", "Pour le supplément familial.", ""))
        (vue.nombre("enfants_alternes", "Enfants en résidence alternée", alternes, ""))
        (vue.nombre("taux_pas", "Taux du prélèvement à la source", "Par exemple 3,1.", "%"))
    }
}

fn absence(vue: &Saisie<'_>, mois: PayPeriod) -> Markup {
    let natures: Vec<Choix> =
        vue.listes.natures.iter().map(|nom| Choix::new(nom.as_str(), dit(nom))).collect();
    let mut natures = natures;
    natures.sort_by(|a, b| a.libelle.cmp(&b.libelle));
    let aide = format!("Un jour {} au moins.", mois.french_of());
    html! {
        (vue.liste("absence_nature", "Nature de l’absence", &natures))
        (vue.jour("absence_du", "Premier jour", &aide))
        (vue.jour("absence_au", "Dernier jour", "Laissez vide pour un seul jour."))
    }
}

fn statut(vue: &Saisie<'_>) -> Markup {
    let choix = |noms: &[&str]| -> Vec<Choix> {
        noms.iter().map(|nom| Choix::new(*nom, dit(nom))).collect()
    };
    html! {
        (vue.liste("statut", "Statut", &choix(Statut::NAMES)))
        (vue.liste("regime", "Régime de retraite", &choix(Regime::NAMES)))
    }
}

fn primes(vue: &Saisie<'_>) -> Markup {
    let entrees: Vec<Choix> = vue.listes.primes.iter().map(prime).collect();
    let aide = "Remplace ce qui est saisi ce mois-ci pour cette rubrique.";
    let rangee = |rang: usize| {
        let nom = format!("prime_{rang}");
        let [montant, nombre] = ["montant", "nombre"].map(|suite| format!("{nom}_{suite}"));
        let libelle = format!("Rubrique {rang}");
        html! {
            (choix(&vue.champ(&nom, &libelle, if rang == 1 { aide } else { "" }), &entrees))
            (champ_nombre(&vue.champ(&montant, &format!("Montant {rang}"), ""), "€"))
            (champ_nombre(&vue.champ(&nombre, &format!("Nombre {rang}"), ""), ""))
        }
    };
    // A second row is rare: the first one is enough to see.
    let ouvert = (2..=PRIMES).any(|rang| {
        let nom = format!("prime_{rang}");
        vue.champs.0.iter().any(|(champ, valeur)| champ.starts_with(&nom) && !valeur.is_empty())
    });
    html! {
        (groupe("Prime ou élément du mois", &html! {
            (rangee(1))
        }))
        details.complet open[ouvert] {
            summary { "Ajouter d’autres primes" }
            @for rang in 2..=PRIMES {
                (groupe(&format!("Prime ou élément {rang}"), &rangee(rang)))
            }
        }
    }
}

/// A rubrique and what it is entered in.
fn prime(prime: &PrimeConnue) -> Choix {
    let unite = match (prime.montant, prime.nombre) {
        (true, true) => "montant ou nombre",
        (true, false) => "montant",
        _ => "nombre",
    };
    Choix::new(&*prime.code, format!("{} — {unite} ({})", prime.libelle, prime.code))
}
