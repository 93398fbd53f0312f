//! What is done with personal data: what is logged, why, for how long, who reads it, which rights.

use maud::{Markup, html};

use crate::serve::base::Action;
use crate::serve::base::sessions::{ABSOLUE, INACTIVE};

/// The words of the page; `mois`: how long the log is kept.
pub fn corps(mois: u32) -> Markup {
    html! {
        (responsable())
        (journal(mois))
        (cookies())
        (droits())
    }
}

fn responsable() -> Markup {
    html! {
        section aria-labelledby="responsable" {
            h2 #responsable { "Qui répond de ces données, et pourquoi elles sont là" }
            p {
                "Chaque employeur répond des données de paie de ses agents. Le service qui tient \
                 ce serveur (centre de gestion ou collectivité) les traite pour son compte."
            }
            p {
                "Elles servent à calculer, vérifier et expliquer la paie, ce que la loi impose à \
                 l’employeur (RGPD, article\u{a0}6, 1, c). L’usage du NIR pour la paie est permis \
                 par le décret n°\u{a0}2019-341 du 19\u{a0}avril 2019."
            }
            p {
                "Chaque compte ne voit que les employeurs qui lui sont confiés. Les \
                 administrateurs des comptes ne voient aucune donnée de paie."
            }
            p {
                "Les mois clos sont gardés dans l’archive de paie, pour la durée que l’employeur \
                 fixe selon ses obligations. Ce serveur n’en décide pas."
            }
        }
    }
}

fn journal(mois: u32) -> Markup {
    html! {
        section aria-labelledby="journal" {
            h2 #journal { "Le journal des accès" }
            p {
                "Chaque consultation d’un bulletin, chaque changement et chaque connexion sont \
                 inscrits dans un journal qui ne peut que s’allonger. Il sert à protéger les \
                 données des agents et à savoir qui les a vues (RGPD, articles\u{a0}5, 1, f et 32)."
            }
            ul {
                li {
                    strong { "Ce qui est noté" } "\u{a0}: la date et l’heure, le compte, son \
                     rôle, l’adresse IP, l’action et, selon le cas, l’employeur, le matricule et \
                     le mois. Ni nom d’agent, ni NIR, ni IBAN, ni montant, ni mot de passe."
                }
                li {
                    strong { "Pour combien de temps" } "\u{a0}: " (mois) "\u{a0}mois. Les \
                     inscriptions plus anciennes sont effacées d’elles-mêmes."
                }
                li {
                    strong { "Qui le lit" } "\u{a0}: les administrateurs des comptes, et qui tient \
                     le serveur. Sa lecture est elle-même notée."
                }
            }
            details {
                summary { "Toutes les actions notées" }
                ul { @for action in Action::ALL { li { (action.french()) } } }
            }
            p {
                "Une session garde aussi, le temps qu’elle dure, l’adresse IP et le nom que donne \
                 le navigateur, pour que vous puissiez reconnaître vos sessions\u{a0}; et, si un \
                 fournisseur d’identité l’a ouverte, le jeton par lequel il a dit qui vous êtes, \
                 pour vous déconnecter aussi de lui."
            }
        }
    }
}

fn cookies() -> Markup {
    html! {
        section aria-labelledby="cookies" {
            h2 #cookies { "Cookies et autres sites" }
            p {
                "Aucune mesure d’audience, aucune publicité, aucune requête vers un autre site. \
                 Deux cookies au plus, nécessaires à la connexion et donc sans consentement à \
                 donner\u{a0}:"
            }
            ul {
                li {
                    code { "__Host-paie" } "\u{a0}: votre session. Elle finit après "
                    (INACTIVE.div_euclid(60)) "\u{a0}minutes sans activité, et au plus tard après "
                    (ABSOLUE.div_euclid(3600)) "\u{a0}heures."
                }
                li {
                    code { "__Host-paie-flux" } "\u{a0}: seulement si vous passez par un \
                     fournisseur d’identité, le temps d’en revenir (10\u{a0}minutes au plus)."
                }
            }
        }
    }
}

fn droits() -> Markup {
    html! {
        section aria-labelledby="droits" {
            h2 #droits { "Vos droits" }
            p {
                "Le RGPD (articles\u{a0}15 à 21) vous donne des droits sur vos données. \
                 Adressez-vous à votre employeur ou à son délégué à la protection des données\u{a0}; il répond \
                 en un mois."
            }
            ul {
                li {
                    strong { "Accès" } " (article\u{a0}15) et " strong { "rectification" }
                    " (article\u{a0}16)\u{a0}: pour toutes vos données, y compris ce que le \
                     journal dit de vous."
                }
                li {
                    strong { "Effacement" } " (article\u{a0}17) et " strong { "limitation" }
                    " (articles\u{a0}18 et 19)\u{a0}: dans la mesure où la loi n’oblige pas à \
                     garder ou à utiliser la donnée, ce qui est le cas de la paie."
                }
                li {
                    strong { "Portabilité" } " (article\u{a0}20) et " strong { "opposition" }
                    " (article\u{a0}21)\u{a0}: elles ne s’appliquent pas à une paie que la loi \
                     impose. Vous pouvez demander qu’une opposition à votre inscription au \
                     journal soit examinée."
                }
            }
            p {
                "Sans réponse satisfaisante, vous pouvez vous plaindre à la CNIL, 3\u{a0}place de \
                 Fontenoy, TSA\u{a0}80715, 75334 Paris CEDEX\u{a0}07, ou sur son site cnil.fr."
            }
        }
    }
}
