//! The declaration of accessibility: what was looked at, what was not, how to report a fault.

use maud::{Markup, html};

/// The words of the page.
pub fn corps() -> Markup {
    html! {
        p {
            "Cette déclaration porte sur les pages de ce serveur. Le référentiel est le RGAA, \
             version\u{a0}4.1."
        }
        (etat())
        (verifie())
        (limites())
        (signaler())
        (recours())
    }
}

fn etat() -> Markup {
    html! {
        section aria-labelledby="etat" {
            h2 #etat { "État de conformité" }
            p {
                "Ces pages sont déclarées " strong { "non conformes" } " au RGAA, faute d’un audit \
                 de ses 106 critères\u{a0}: sans audit, aucun autre état ne peut être annoncé. Ce \
                 qui suit dit ce que leurs auteurs ont vérifié."
            }
        }
    }
}

fn verifie() -> Markup {
    html! {
        section aria-labelledby="verifie" {
            h2 #verifie { "Ce qui est vérifié, et comment" }
            ul {
                li {
                    "À chaque version, un navigateur piloté (Chromium) ouvre les écrans et leur \
                     applique axe-core, règles WCAG\u{a0}2.1 de niveaux A et AA. Un tel outil ne \
                     voit qu’une partie des défauts."
                }
                li {
                    "Les parcours se font au clavier seul\u{a0}: lien d’évitement, ordre des \
                     champs, focus visible, aucun piège."
                }
                li { "Les pages fonctionnent sans JavaScript, et à 390\u{a0}pixels de large." }
                li {
                    "Titres, légendes des tableaux, étiquettes et erreurs des champs sont \
                     construits par les mêmes composants, qui ont leurs tests."
                }
            }
        }
    }
}

fn limites() -> Markup {
    html! {
        section aria-labelledby="limites" {
            h2 #limites { "Ce qui n’est pas encore conforme, ou pas encore vérifié" }
            ul {
                li {
                    "Aucun essai complet n’a été fait avec des personnes qui utilisent un lecteur \
                     d’écran, ni avec NVDA, JAWS ou VoiceOver."
                }
                li {
                    "Le tableau d’un bulletin garde la forme du bulletin imprimé\u{a0}: beaucoup \
                     de colonnes, longues à parcourir au lecteur d’écran."
                }
                li {
                    "L’avancement d’un rejeu n’est pas annoncé en continu\u{a0}; seule sa fin \
                     l’est."
                }
                li {
                    "Les textes de loi cités en lien s’ouvrent sur d’autres sites, que cette \
                     déclaration ne couvre pas."
                }
                li { "Le bulletin enregistré en PDF par le navigateur n’est pas balisé." }
            }
        }
    }
}

fn signaler() -> Markup {
    html! {
        section aria-labelledby="signaler" {
            h2 #signaler { "Signaler une difficulté" }
            p {
                "Si une page vous empêche d’agir ou de comprendre, écrivez au service de paie qui \
                 tient ce serveur, ou au référent accessibilité de votre collectivité\u{a0}: \
                 l’adresse de la page, ce que vous vouliez faire, votre navigateur et votre \
                 technologie d’assistance. Vous pouvez aussi demander l’information sous une \
                 autre forme."
            }
        }
    }
}

fn recours() -> Markup {
    html! {
        section aria-labelledby="recours" {
            h2 #recours { "Si vous n’avez pas de réponse" }
            p {
                "Vous pouvez saisir le Défenseur des droits\u{a0}: par son formulaire, auprès de \
                 son délégué dans votre département, ou par courrier gratuit, sans timbre, à \
                 « Défenseur des droits, Libre réponse\u{a0}71120, 75342 Paris CEDEX\u{a0}07 »."
            }
            p {
                "Déclaration établie le "
                time datetime="2026-11-26" { "26\u{a0}novembre 2026" } "."
            }
        }
    }
}
