//! The document around every screen: header, navigation by role, breadcrumb, title, footer.

use maud::{DOCTYPE, Markup, html};

use super::champs::jeton;
use super::statique::chemin;
use crate::serve::droits::{Droit, Role};

/// What htmx may do: no code from texts, no style of its own, this server only, no page kept in
/// the storage of the browser.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"#;
const HTMX_SUITE: &str =
    r#""selfRequestsOnly":true,"historyCacheSize":0,"refreshOnHistoryMiss":true}"#;

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lien {
    /// What is read.
    pub texte: String,
    /// Where it goes.
    pub href: String,
}

impl Lien {
    /// A link.
    pub fn new(texte: impl Into<String>, href: impl Into<String>) -> Self {
        Self { texte: texte.into(), href: href.into() }
    }
}

/// Who is signed in, as the header says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnteteCompte {
    /// Name that people read.
    pub nom: String,
    /// Decides what the navigation offers.
    pub role: Role,
    /// CSRF token of the session, for signing out.
    pub jeton: String,
}

/// A screen.
#[derive(Default)]
pub struct Page<'a> {
    /// The only `h1`, and the title of the window: says which screen this is.
    pub titre: &'a str,
    /// A line or badges below the title; may be empty.
    pub chapeau: Markup,
    /// Buttons at the right of the title; may be empty.
    pub actions: Markup,
    /// Who is signed in; none on the sign-in page and on errors without a session.
    pub compte: Option<&'a EnteteCompte>,
    /// Screens above this one, the nearest last; this one is added by the layout.
    pub fil: &'a [Lien],
    /// Path of the entry of the navigation that this screen belongs to: `/employeurs`.
    pub courant: &'a str,
    /// Messages before the content, from [`super::alerte`]; may be empty.
    pub alertes: Markup,
    /// Whether a form comes back with errors: the title of the window then says so.
    pub en_erreur: bool,
    /// The content.
    pub corps: Markup,
}

/// A whole HTML document.
pub fn page(page: Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="fr" {
            (tete(page.titre, page.en_erreur))
            body.seule[page.compte.is_none()] {
                a.evitement href="#contenu" { "Aller au contenu" }
                (bandeau(page.compte, page.courant))
                main #contenu tabindex="-1" {
                    (fil(page.fil, page.titre))
                    div.titre {
                        div {
                            h1 { (page.titre) }
                            @if !page.chapeau.0.is_empty() { div.chapeau { (page.chapeau) } }
                        }
                        @if !page.actions.0.is_empty() { div.actions { (page.actions) } }
                    }
                    (page.alertes)
                    (page.corps)
                }
                (pied())
            }
        }
    }
}

/// A document to print: its content alone, and a way back that stays on the screen.
pub fn feuille(titre: &str, retour: &Lien, corps: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="fr" {
            (tete(titre, false))
            body {
                main #contenu tabindex="-1" {
                    h1.lu { (titre) }
                    div.alerte.ecran {
                        div {
                            p {
                                "Pour imprimer ou enregistrer en PDF, utilisez le menu de votre \
                                 navigateur (Ctrl\u{a0}+\u{a0}P)."
                            }
                            p { a href=(retour.href) { (retour.texte) } }
                        }
                    }
                    (corps)
                }
            }
        }
    }
}

fn tete(titre: &str, en_erreur: bool) -> Markup {
    let erreur = if en_erreur { "Erreur\u{a0}: " } else { "" };
    html! {
        head {
            meta charset="utf-8";
            title { (erreur) (titre) " — paie" }
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light";
            meta name="referrer" content="same-origin";
            meta name="robots" content="noindex, nofollow";
            meta name="format-detection" content="telephone=no";
            meta name="htmx-config" content={ (HTMX) (HTMX_SUITE) };
            link rel="icon" type="image/svg+xml" href=(chemin("icone.svg"));
            link rel="stylesheet" href=(chemin("paie.css"));
            script src=(chemin("htmx.js")) defer {}
        }
    }
}

fn bandeau(compte: Option<&EnteteCompte>, courant: &str) -> Markup {
    html! {
        header.bandeau {
            div.largeur {
                a.marque href="/" {
                    "paie" span.lu { " — accueil" }
                    span.devise aria-hidden="true" { "Paie territoriale" }
                }
                @if let Some(compte) = compte {
                    (navigation(compte.role, courant))
                    (identite(compte, courant))
                }
            }
        }
    }
}

fn navigation(role: Role, courant: &str) -> Markup {
    html! {
        nav aria-label="Navigation principale" {
            ul {
                @for (texte, href) in entrees(role) {
                    li { a href=(href) aria-current=[ici(href, courant)] { (texte) } }
                }
            }
        }
    }
}

fn ici(href: &str, courant: &str) -> Option<&'static str> {
    (href == courant).then_some("page")
}

/// What a role finds in the navigation.
fn entrees(role: Role) -> Vec<(&'static str, &'static str)> {
    let mut entrees = Vec::new();
    if role.peut(Droit::VoirPool) {
        entrees.push(("Employeurs", "/employeurs"));
    } else if role.peut(Droit::VoirPaie) {
        entrees.push((if role.peut(Droit::Saisir) { "Mes agents" } else { "Employeurs" }, "/"));
    }
    if role.peut(Droit::Controler) {
        entrees.push(("Mois clos", "/clos"));
    }
    if role.peut(Droit::GererComptes) {
        entrees.push(("Comptes", "/comptes"));
    }
    if role.peut(Droit::LireJournal) {
        entrees.push(("Journal", "/journal"));
    }
    entrees.push(("Aide", "/aide"));
    entrees
}

fn identite(compte: &EnteteCompte, courant: &str) -> Markup {
    html! {
        div.identite {
            a href="/mon-compte" aria-current=[ici("/mon-compte", courant)] {
                span.lu { "Mon compte : " }
                span.nom { (compte.nom) }
                span.role { (compte.role.french()) }
            }
            form method="post" action="/deconnexion" {
                (jeton(&compte.jeton))
                button.bouton.discret type="submit" { "Se déconnecter" }
            }
        }
    }
}

fn fil(liens: &[Lien], titre: &str) -> Markup {
    html! {
        @if !liens.is_empty() {
            nav.fil aria-label="Fil d’Ariane" {
                ol {
                    @for lien in liens { li { a href=(lien.href) { (lien.texte) } } }
                    li aria-current="page" { (titre) }
                }
            }
        }
    }
}

fn pied() -> Markup {
    html! {
        footer.pied {
            ul.largeur {
                li { a href="/accessibilite" { "Accessibilité\u{a0}: non conforme (non audité)" } }
                li { a href="/aide" { "Aide" } }
                li { a href="/mentions" { "Mentions légales et données personnelles" } }
                li { "paie " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}
