//! Forms: labelled fields, their help and errors, the summary of errors, buttons.
//!
//! The identifier of a field is its name: the summary of errors links to it.

use maud::{Markup, html};

use super::elements::{Icone, icone};

/// Name of the hidden field that carries the CSRF token.
pub const CHAMP_JETON: &str = "jeton";

/// What is typed in a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Genre {
    /// A short text.
    #[default]
    Texte,
    /// Hidden while typed.
    MotDePasse,
    /// An address.
    Courriel,
    /// A day, by the calendar of the browser.
    Jour,
    /// A month, by the calendar of the browser.
    Mois,
    /// Digits of a one-time code.
    Code,
}

impl Genre {
    /// The `type` of the field, and the keyboard of a phone.
    fn attributs(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Texte => ("text", None),
            Self::MotDePasse => ("password", None),
            Self::Courriel => ("email", Some("email")),
            Self::Jour => ("date", None),
            Self::Mois => ("month", None),
            Self::Code => ("text", Some("numeric")),
        }
    }
}

/// A field; empty texts are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Champ<'a> {
    /// Name, and identifier: unique in the page.
    pub nom: &'a str,
    /// Label.
    pub libelle: &'a str,
    /// What to know before typing: format, unit, example.
    pub aide: &'a str,
    /// What was typed.
    pub valeur: &'a str,
    /// What is wrong with it, and what to do.
    pub erreur: Option<&'a str>,
    /// Whether it must be filled in; labels of the others say « facultatif ».
    pub requis: bool,
    /// What is typed.
    pub genre: Genre,
    /// What the browser may fill in: `username`, `current-password`, `one-time-code`, `off`.
    pub autocompletion: &'a str,
}

impl Champ<'_> {
    fn id_aide(&self) -> String {
        format!("{}-aide", self.nom)
    }

    fn id_erreur(&self) -> String {
        format!("{}-erreur", self.nom)
    }

    /// The texts that describe the field, read after its label.
    fn decrit_par(&self) -> Option<String> {
        let aide = (!self.aide.is_empty()).then(|| self.id_aide());
        let erreur = self.erreur.map(|_| self.id_erreur());
        let ids: Vec<String> = erreur.into_iter().chain(aide).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalide(&self) -> Option<&'static str> {
        self.erreur.map(|_| "true")
    }

    fn automatique(&self) -> Option<&str> {
        Some(self.autocompletion).filter(|texte| !texte.is_empty())
    }
}

/// Label, help, error, and the control itself.
fn habille(champ: &Champ<'_>, controle: &Markup) -> Markup {
    html! {
        div.champ.en-erreur[champ.erreur.is_some()] {
            label for=(champ.nom) { (libelle(champ)) }
            (precisions(champ))
            (controle)
        }
    }
}

fn libelle(champ: &Champ<'_>) -> Markup {
    html! {
        (champ.libelle)
        @if !champ.requis { span.facultatif { " (facultatif)" } }
    }
}

fn precisions(champ: &Champ<'_>) -> Markup {
    html! {
        @if !champ.aide.is_empty() { p.aide id=(champ.id_aide()) { (champ.aide) } }
        @if let Some(erreur) = champ.erreur {
            p.erreur id=(champ.id_erreur()) {
                (icone(Icone::Erreur)) span.lu { "Erreur\u{a0}: " } (erreur)
            }
        }
    }
}

/// A text, a password, a day: see [`Genre`].
pub fn champ_texte(champ: &Champ<'_>) -> Markup {
    let (genre, clavier) = champ.genre.attributs();
    let controle = html! {
        input id=(champ.nom) name=(champ.nom) type=(genre) value=(champ.valeur)
            inputmode=[clavier] required[champ.requis]
            autocomplete=[champ.automatique()] aria-invalid=[champ.invalide()]
            aria-describedby=[champ.decrit_par()];
    };
    habille(champ, &controle)
}

/// A number typed as text, comma or point, with its unit (`€`, `h`, `%`); the server reads it. A
/// field of type `number` refuses the French comma in some browsers and loses what was typed.
pub fn champ_nombre(champ: &Champ<'_>, unite: &str) -> Markup {
    let controle = html! {
        div.nombre {
            input id=(champ.nom) name=(champ.nom) type="text" value=(champ.valeur)
                inputmode="decimal" autocomplete="off" required[champ.requis]
                aria-invalid=[champ.invalide()] aria-describedby=[champ.decrit_par()];
            @if !unite.is_empty() { span.unite { (unite) } }
        }
    };
    habille(champ, &controle)
}

/// An entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choix {
    /// What is sent.
    pub valeur: String,
    /// What is read.
    pub libelle: String,
}

impl Choix {
    /// An entry.
    pub fn new(valeur: impl Into<String>, libelle: impl Into<String>) -> Self {
        Self { valeur: valeur.into(), libelle: libelle.into() }
    }
}

/// A list; the entry whose value is the value of the field is chosen. A field that is not required
/// begins with an empty entry.
pub fn choix(champ: &Champ<'_>, entrees: &[Choix]) -> Markup {
    let controle = html! {
        select id=(champ.nom) name=(champ.nom) required[champ.requis]
            aria-invalid=[champ.invalide()] aria-describedby=[champ.decrit_par()] {
            @if !champ.requis { option value="" { "—" } }
            @for entree in entrees {
                option value=(entree.valeur) selected[entree.valeur == champ.valeur] {
                    (entree.libelle)
                }
            }
        }
    };
    habille(champ, &controle)
}

/// A box to tick; its value, sent when ticked, is `oui`, or the value of the field.
pub fn case(champ: &Champ<'_>, cochee: bool) -> Markup {
    let valeur = if champ.valeur.is_empty() { "oui" } else { champ.valeur };
    html! {
        div.champ.case.en-erreur[champ.erreur.is_some()] {
            input id=(champ.nom) name=(champ.nom) type="checkbox" value=(valeur) checked[cochee]
                required[champ.requis] aria-invalid=[champ.invalide()]
                aria-describedby=[champ.decrit_par()];
            label for=(champ.nom) { (champ.libelle) }
            (precisions(champ))
        }
    }
}

/// A file; `accepte` as in HTML: `.csv,text/csv`. The form must be `multipart`.
pub fn fichier(champ: &Champ<'_>, accepte: &str) -> Markup {
    let controle = html! {
        input id=(champ.nom) name=(champ.nom) type="file" accept=(accepte)
            required[champ.requis] aria-invalid=[champ.invalide()]
            aria-describedby=[champ.decrit_par()];
    };
    habille(champ, &controle)
}

/// Fields that belong together, under a legend.
pub fn groupe(legende: &str, champs: &Markup) -> Markup {
    html! { fieldset { legend { (legende) } div.champs { (champs) } } }
}

/// The main button, and where « Annuler » goes, if anywhere.
pub fn boutons(envoyer: &str, annuler: Option<&str>) -> Markup {
    html! {
        div.boutons {
            button.bouton type="submit" { (envoyer) }
            @if let Some(href) = annuler { a.bouton.second href=(href) { "Annuler" } }
        }
    }
}

/// Where a form goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Formulaire<'a> {
    /// Where it is sent, by POST.
    pub action: &'a str,
    /// CSRF token of the session.
    pub jeton: &'a str,
    /// Whether it carries a file.
    pub multipart: bool,
}

/// The hidden field of the CSRF token.
pub fn jeton(jeton: &str) -> Markup {
    html! { input type="hidden" name=(CHAMP_JETON) value=(jeton); }
}

/// A form. Errors are said by the server, in French, all at once: the browser checks nothing.
pub fn formulaire(formulaire: &Formulaire<'_>, corps: &Markup) -> Markup {
    let codage = formulaire.multipart.then_some("multipart/form-data");
    html! {
        form.formulaire method="post" action=(formulaire.action) enctype=[codage] novalidate {
            (jeton(formulaire.jeton))
            (corps)
        }
    }
}

/// All errors of a form, before it: pairs of a field name and its message; an empty name: an error
/// of no field. Nothing when there is none.
pub fn resume_erreurs(erreurs: &[(&str, &str)]) -> Markup {
    let nombre = erreurs.len();
    html! {
        @if nombre > 0 {
            div.alerte.erreur.resume role="alert" tabindex="-1" autofocus {
                (icone(Icone::Erreur))
                div {
                    h2 {
                        @if nombre == 1 { "Une erreur à corriger" }
                        @else { (nombre) " erreurs à corriger" }
                    }
                    ul {
                        @for (champ, message) in erreurs {
                            li {
                                @if champ.is_empty() { (message) }
                                @else { a href={ "#" (champ) } { (message) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
