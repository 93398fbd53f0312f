//! Help: a payslip, what « bloqué » means, variable elements, who to ask.

use maud::{Markup, html};

/// The words of the page.
pub fn corps() -> Markup {
    html! {
        nav aria-label="Sommaire de l’aide" {
            ul {
                li { a href="#bulletin" { "Lire un bulletin" } }
                li { a href="#bloque" { "Ce que veut dire « bloqué »" } }
                li { a href="#simuler" { "Simuler un changement" } }
                li { a href="#elements" { "Transmettre les éléments variables" } }
                li { a href="#etats" { "Où en est un mois" } }
                li { a href="#connexion" { "Se connecter" } }
                li { a href="#contact" { "Qui prévenir" } }
            }
        }
        (bulletin())
        (bloque())
        (simuler())
        (elements())
        (etats())
        (connexion())
        (contact())
    }
}

fn bulletin() -> Markup {
    html! {
        section aria-labelledby="bulletin" {
            h2 #bulletin { "Lire un bulletin" }
            p {
                "La page d’un bulletin montre ce qui sera imprimé, ligne par ligne\u{a0}: ce qui \
                 est dû à l’agent, ce qui est retenu, ce que verse l’employeur."
            }
            ul {
                li {
                    "Le libellé de chaque ligne est un lien\u{a0}: il ouvre l’explication du \
                     montant, du calcul jusqu’à l’article du texte qui le fonde."
                }
                li {
                    strong { "Net à payer" } "\u{a0}: ce que l’agent reçoit sur son compte, après \
                     l’impôt prélevé à la source."
                }
                li {
                    strong { "Coût pour l’employeur" } "\u{a0}: le brut et les cotisations que \
                     verse l’employeur."
                }
                li {
                    "Une ligne de " strong { "rappel" } " corrige un mois déjà payé\u{a0}; elle \
                     nomme ce mois. Ouvrez-la, puis le mois\u{a0}: les deux calculs sont montrés, \
                     avec ce qui a changé entre eux."
                }
            }
            p {
                "Le NIR et l’IBAN sont masqués. Qui a le droit de les voir en entier peut les \
                 afficher\u{a0}; cet affichage est inscrit au journal."
            }
        }
    }
}

fn bloque() -> Markup {
    html! {
        section aria-labelledby="bloque" {
            h2 #bloque { "Ce que veut dire « bloqué »" }
            p {
                "Un bulletin bloqué ne sera pas payé en l’état\u{a0}: une information manque, se \
                 contredit, ou un contrôle n’est pas satisfait. Aucun montant n’est inventé à la \
                 place."
            }
            p {
                "La page du bulletin dit quelle donnée est en cause, où elle se trouve et quoi \
                 faire. Une fois la donnée corrigée par le service de paie, le bulletin se \
                 calcule de lui-même."
            }
            p {
                "Une simple remarque, « à voir », n’empêche pas de payer\u{a0}: vérifiez \
                 seulement que c’est bien ce que vous attendez."
            }
        }
    }
}

fn simuler() -> Markup {
    html! {
        section aria-labelledby="simuler" {
            h2 #simuler { "Simuler un changement" }
            p {
                "Depuis un bulletin du mois ouvert, « Simuler » montre côte à côte le bulletin \
                 d’aujourd’hui et celui d’après\u{a0}: échelon, grade, quotité de travail, prime, \
                 enfants, absence. Rien n’est enregistré, et l’agent n’en voit rien."
            }
        }
    }
}

fn elements() -> Markup {
    html! {
        section aria-labelledby="elements" {
            h2 #elements { "Transmettre les éléments variables" }
            ol {
                li {
                    "Ouvrez la page des éléments du mois de votre employeur, et saisissez les \
                     lignes ou envoyez un fichier CSV. Un modèle à remplir y est proposé."
                }
                li {
                    "Chaque ligne est vérifiée avant tout enregistrement. Les lignes à corriger \
                     sont nommées, avec la raison."
                }
                li {
                    "Rien n’est enregistré tant que vous n’avez pas confirmé. Ensuite, les \
                     bulletins du mois tiennent compte de vos lignes."
                }
            }
            p {
                "Enregistrez le fichier depuis votre tableur au format « CSV UTF-8 », séparé par \
                 des points-virgules."
            }
        }
    }
}

fn etats() -> Markup {
    html! {
        section aria-labelledby="etats" {
            h2 #etats { "Où en est un mois" }
            ul {
                li { strong { "Ouvert" } "\u{a0}: calculé à chaque affichage, il peut changer." }
                li {
                    strong { "Préparé" } "\u{a0}: le service de paie a fait un calcul et le \
                     vérifie\u{a0}; il peut encore changer."
                }
                li { strong { "Validé" } "\u{a0}: quelqu’un répond de ce calcul." }
                li {
                    strong { "Clos" } "\u{a0}: payé, il ne change plus. Une correction passe par \
                     un rappel dans un mois suivant."
                }
            }
        }
    }
}

fn connexion() -> Markup {
    html! {
        section aria-labelledby="connexion" {
            h2 #connexion { "Se connecter" }
            p {
                "Votre session se ferme après 30\u{a0}minutes sans activité, et au plus tard \
                 après 10\u{a0}heures. Après plusieurs échecs, la connexion est suspendue quelque \
                 temps\u{a0}; attendez, puis recommencez."
            }
            p {
                "Mot de passe ou téléphone perdu\u{a0}: l’administrateur des comptes peut vous \
                 donner un nouveau lien. Personne ne vous demandera votre mot de passe."
            }
        }
    }
}

fn contact() -> Markup {
    html! {
        section aria-labelledby="contact" {
            h2 #contact { "Qui prévenir" }
            ul {
                li {
                    "Un montant, un agent, un mois\u{a0}: le service de paie de votre centre de \
                     gestion ou de votre collectivité. Donnez-lui l’adresse de la page et le \
                     matricule, jamais le NIR ni l’IBAN."
                }
                li { "Un compte, un droit manquant\u{a0}: l’administrateur des comptes." }
                li {
                    "Un accès que vous ne reconnaissez pas\u{a0}: l’administrateur des comptes, \
                     tout de suite."
                }
            }
        }
    }
}
