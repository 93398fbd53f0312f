//! Small pieces: icons, badges, messages, figures, definition lists, tabs, empty states.

use maud::{Markup, html};

use super::page::Lien;

/// A drawing beside words; it never stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icone {
    /// A tick.
    Coche,
    /// A cross in a disc.
    Erreur,
    /// A triangle.
    Attention,
    /// An i in a disc.
    Information,
    /// A padlock.
    Cadenas,
    /// A pencil.
    Crayon,
    /// A clock.
    Horloge,
    /// An arrow that leaves a frame.
    Externe,
}

impl Icone {
    /// On sixteen units.
    fn trace(self) -> &'static str {
        match self {
            Self::Coche => "M6.4 12.6 2 8.2l1.5-1.5 2.9 2.9 6.1-6.2L14 4.9z",
            Self::Erreur => {
                "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm3.2 8.8-1.4 1.4L8 9.4l-1.8 1.8-1.4-1.4L6.6 \
                 8 4.8 6.2l1.4-1.4L8 6.6l1.8-1.8 1.4 1.4L9.4 8z"
            }
            Self::Attention => "M8 1 0.6 14.5h14.8zM7 6h2v4.2H7zm0 5.2h2v1.9H7z",
            Self::Information => "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 4h2v1.9H7zm0 3h2v5H7z",
            Self::Cadenas => "M4 7V5a4 4 0 0 1 8 0v2h1v7.5H3V7zm2 0h4V5a2 2 0 0 0-4 0z",
            Self::Crayon => "M11.4 1.6 14.4 4.6 5.2 13.8 1.4 14.6 2.2 10.8z",
            Self::Horloge => {
                "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 4h1.8v3.7l2.6 2.6-1.3 1.3L7 8.5z"
            }
            Self::Externe => {
                "M9 2h5v5h-1.8V5L7.4 9.9 6.1 8.6 11 3.8H9zM3 3h4v1.8H4.8v6.4h6.4V9H13v4H3z"
            }
        }
    }
}

/// A drawing that screen readers skip: the words beside it say the same.
pub fn icone(icone: Icone) -> Markup {
    html! {
        svg.icone viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" {
            path fill="currentColor" fill-rule="evenodd" d=(icone.trace()) {}
        }
    }
}

/// Where a payslip or a month stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Etat {
    /// It can be paid.
    Payable,
    /// Something stands in the way.
    Bloque,
    /// The month is open: nothing was computed for good.
    Ouvert,
    /// The month was computed.
    Prepare,
    /// The month was approved.
    Valide,
    /// The month is closed.
    Clos,
}

/// A badge: a word, a drawing, a colour.
pub fn etiquette(etat: Etat) -> Markup {
    let (classe, dessin, mot) = match etat {
        Etat::Payable => ("bon", Icone::Coche, "Payable"),
        Etat::Bloque => ("mauvais", Icone::Erreur, "Bloqué"),
        Etat::Ouvert => ("neutre", Icone::Crayon, "Ouvert"),
        Etat::Prepare => ("attente", Icone::Horloge, "Préparé"),
        Etat::Valide => ("bon", Icone::Coche, "Validé"),
        Etat::Clos => ("neutre", Icone::Cadenas, "Clos"),
    };
    html! { span.etiquette.(classe) { (icone(dessin)) (mot) } }
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alerte {
    /// Something failed or blocks.
    Erreur,
    /// Something to look at.
    Attention,
    /// Something to know.
    Information,
    /// Something was done.
    Succes,
}

/// A message with a title; `corps` may be empty. What failed is announced at once, what was done
/// when the reader is free; the others are plain text.
pub fn alerte(genre: Alerte, titre: &str, corps: &Markup) -> Markup {
    let (classe, dessin, mot, role) = match genre {
        Alerte::Erreur => ("erreur", Icone::Erreur, "Erreur", Some("alert")),
        Alerte::Attention => ("attention", Icone::Attention, "Attention", None),
        Alerte::Information => ("information", Icone::Information, "Information", None),
        Alerte::Succes => ("succes", Icone::Coche, "Succès", Some("status")),
    };
    html! {
        div.alerte.(classe) role=[role] {
            (icone(dessin))
            div {
                p.titre-alerte { span.lu { (mot) "\u{a0}: " } (titre) }
                @if !corps.0.is_empty() { div.corps-alerte { (corps) } }
            }
        }
    }
}

/// A figure that counts, with its label.
#[derive(Clone, Debug, Default)]
pub struct Chiffre {
    /// What it is.
    pub libelle: String,
    /// Its value.
    pub valeur: Markup,
    /// A line below; may be empty.
    pub note: Markup,
}

/// Figures in a row.
pub fn chiffres(chiffres: &[Chiffre]) -> Markup {
    html! {
        dl.chiffres {
            @for chiffre in chiffres {
                div {
                    dt { (chiffre.libelle) }
                    dd.valeur { (chiffre.valeur) }
                    @if !chiffre.note.0.is_empty() { dd.note { (chiffre.note) } }
                }
            }
        }
    }
}

/// Names and values; a value that is empty is left out.
pub fn fiche(entrees: &[(&str, Markup)]) -> Markup {
    html! {
        dl.fiche {
            @for (nom, valeur) in entrees.iter().filter(|(_, valeur)| !valeur.0.is_empty()) {
                div { dt { (nom) } dd { (valeur) } }
            }
        }
    }
}

/// Views of one thing, as links; `courant` is the address of this one.
pub fn onglets(nom: &str, liens: &[Lien], courant: &str) -> Markup {
    html! {
        nav.onglets aria-label=(nom) {
            ul {
                @for lien in liens {
                    @let ici = (lien.href == courant).then_some("page");
                    li { a href=(lien.href) aria-current=[ici] { (lien.texte) } }
                }
            }
        }
    }
}

/// Says that there is nothing, and what can be done about it.
pub fn vide(message: &str, action: Option<&Lien>) -> Markup {
    html! {
        div.vide {
            p { (message) }
            @if let Some(lien) = action { p { a.bouton.second href=(lien.href) { (lien.texte) } } }
        }
    }
}
