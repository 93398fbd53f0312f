//! The payslip as it will be printed: one A4 page, each line opening its explanation on screen.

use maud::{Markup, html};

use super::elements::{self, Alerte, alerte, etiquette};
use super::texte::{chiffres_de, jour, majuscule, montant, montant_ou_bloque, pourcent, taux};
use crate::bulletin::{Bulletin, Cents, Ligne, Remarque, Situation};

/// Titles of the columns of figures, as the cards of a phone repeat them.
const COLONNES: [&str; 7] =
    ["Nombre", "Base", "Taux agent", "À payer", "À déduire", "Taux employeur", "Part employeur"];

/// Columns of the table: code, label, figures.
const LARGEUR: &str = "9";

/// What a sheet is worth, once it is printed and nothing else stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tirage {
    /// The payslip of a closed month, as it was paid.
    Definitif,
    /// What would be paid today.
    Apercu,
}

/// A payslip. `liens` gives the address of the explanation of a line: it opens below the line, or
/// as a page where there is no JavaScript; none: the line is not a link.
pub fn bulletin(
    bulletin: &Bulletin,
    tirage: Tirage,
    liens: impl Fn(&Ligne) -> Option<String>,
) -> Markup {
    html! {
        article.bulletin aria-label={ "Bulletin de paie, " (bulletin.periode) } {
            (remarques(bulletin))
            (entete(bulletin, tirage))
            (situations(bulletin))
            (lignes(bulletin, &liens))
            (totaux(bulletin))
            (cumuls(bulletin))
            p.mention {
                @match tirage {
                    Tirage::Definitif => "Ce document est à conserver sans limitation de durée.",
                    Tirage::Apercu => {
                        "Aperçu, calculé avant la clôture du mois\u{a0}: ce document n’est pas un \
                         bulletin définitif, et rien n’est encore payé."
                    }
                }
                @if bulletin.connu_le != "tout" {
                    " Établi d’après ce qui était connu le " (jour(&bulletin.connu_le)) "."
                }
            }
        }
    }
}

// --- findings ------------------------------------------------------------------------------------

fn remarques(bulletin: &Bulletin) -> Markup {
    let (bloquantes, autres): (Vec<&Remarque>, Vec<&Remarque>) =
        bulletin.remarques.iter().partition(|remarque| remarque.bloquant);
    let titre = match autres.len() {
        1 => "Un point à vérifier".to_owned(),
        nombre => format!("{nombre} points à vérifier"),
    };
    html! {
        @if !bulletin.payable() {
            (alerte(
                Alerte::Erreur,
                "Bulletin bloqué\u{a0}: il n’est pas payable en l’état",
                &liste(&bloquantes),
            ))
        }
        @if !autres.is_empty() {
            div.ecran { (alerte(Alerte::Attention, &titre, &liste(&autres))) }
        }
    }
}

fn liste(remarques: &[&Remarque]) -> Markup {
    html! {
        @if !remarques.is_empty() {
            ul.remarques {
                @for remarque in remarques {
                    li {
                        (majuscule(&remarque.message))
                        @if !remarque.remede.is_empty() {
                            p.remede { "À faire\u{a0}: " (remarque.remede) }
                        }
                        p.reference {
                            "Code " (remarque.code)
                            @if let Some((fichier, ligne)) = &remarque.ligne {
                                ", " (fichier) ", ligne " (ligne)
                            }
                        }
                    }
                }
            }
        }
    }
}

// --- heading -------------------------------------------------------------------------------------

fn entete(bulletin: &Bulletin, tirage: Tirage) -> Markup {
    let (employeur, agent) = (&bulletin.employeur, &bulletin.agent);
    html! {
        header.entete {
            div.intitule {
                p.nature {
                    @match tirage {
                        Tirage::Definitif => "Bulletin de paie",
                        Tirage::Apercu => "Aperçu du bulletin de paie",
                    }
                }
                p.periode { (majuscule(&bulletin.periode)) }
                (etiquette(if bulletin.payable() {
                    elements::Etat::Payable
                } else {
                    elements::Etat::Bloque
                }))
            }
            div.partie {
                h2 { "Employeur" }
                p.nom { (employeur.nom) }
                p { (employeur.adresse) }
                p.codes {
                    span { "SIRET " (siret(&employeur.siret)) }
                    @if !employeur.ape.is_empty() { span { "APE " (employeur.ape) } }
                    @if !employeur.urssaf.is_empty() { span { "URSSAF " (employeur.urssaf) } }
                }
            }
            div.partie {
                h2 { "Agent" }
                p.nom { (agent.prenom) " " (agent.nom) }
                p.codes {
                    span { "Matricule " (agent.id) }
                    span { "Contrat " (agent.contrat) }
                }
            }
        }
    }
}

fn siret(chiffres: &str) -> String {
    let groupes = [chiffres.get(..3), chiffres.get(3..6), chiffres.get(6..9), chiffres.get(9..)];
    let groupes: Option<Vec<&str>> = groupes.into_iter().collect();
    groupes.map_or_else(|| chiffres.to_owned(), |groupes| groupes.join("\u{202f}"))
}

/// What the agent is; one block when nothing changed during the month, else one per part.
fn situations(bulletin: &Bulletin) -> Markup {
    let memes = bulletin.situations.windows(2).all(|paire| match paire {
        [avant, apres] => faits(avant) == faits(apres),
        _ => true,
    });
    html! {
        section.situation {
            h2.lu { "Situation" }
            @if let Some(seule) = bulletin.situations.last().filter(|_| memes) {
                (situation(&faits(seule), Some(bulletin.trentiemes)))
            } @else {
                @for part in &bulletin.situations {
                    p.dates {
                        "Du " (jour(&part.depuis)) " au " (jour(&part.fin))
                        ", " (part.trentiemes) "/30"
                    }
                    (situation(&faits(part), None))
                }
            }
        }
    }
}

fn situation(faits: &[(&str, String)], trentiemes: Option<i64>) -> Markup {
    html! {
        dl {
            @for (nom, valeur) in faits { div { dt { (nom) } dd { (valeur) } } }
            @if let Some(trentiemes) = trentiemes.filter(|trentiemes| *trentiemes != 30) {
                div { dt { "Présence" } dd { (trentiemes) "/30" } }
            }
        }
    }
}

/// Names and values of a situation, those that apply.
fn faits(part: &Situation) -> Vec<(&'static str, String)> {
    let nombre = |valeur: Option<i64>| valeur.map_or_else(String::new, |valeur| valeur.to_string());
    let payee = |texte: &str| if texte.is_empty() { "" } else { ", payée " }.to_owned() + texte;
    let faits = [
        ("Statut", majuscule(&part.statut)),
        ("Catégorie", part.categorie.clone()),
        ("Régime", part.regime.clone()),
        ("Grade", part.grade.clone()),
        ("Échelon", part.echelon.clone()),
        ("Indice brut", part.indice_brut.clone()),
        ("Indice majoré", nombre(part.indice_majore)),
        ("NBI", nombre(Some(part.nbi).filter(|points| *points != 0))),
        ("Quotité", part.quotite.clone() + &payee(&part.quotite_payee)),
        ("Durée du poste", part.duree_hebdo.clone()),
        ("Résidence", majuscule(&part.zone_ir)),
    ];
    faits.into_iter().filter(|(_, valeur)| !valeur.is_empty()).collect()
}

// --- lines ---------------------------------------------------------------------------------------

fn lignes(bulletin: &Bulletin, liens: &impl Fn(&Ligne) -> Option<String>) -> Markup {
    let totaux = &bulletin.totaux;
    let entier = totaux.cout_employeur.is_some() && totaux.net_social.is_some();
    let cotisations = if entier { "Total des cotisations" } else { "Cotisations (incomplètes)" };
    let (agent, employeur) = (Some(totaux.cotisations_agent), totaux.cotisations_employeur);
    let de = |natures: &[&str]| numerotees(bulletin, natures);
    let autres = de(&["non_soumis", "retenue", "information"]);
    let ouvre = bulletin.lignes.iter().any(|ligne| liens(ligne).is_some());
    html! {
        h2.lu { "Détail" }
        @if ouvre { p.conseil.ecran { "Chaque rubrique ouvre l’explication de son montant." } }
        table.lignes role="table" {
            caption.lu { "Lignes du bulletin" }
            (titres())
            tbody role="rowgroup" {
                (section("Rémunération"))
                @for (rang, ligne) in de(&["gain"]) { (rangee(rang, ligne, liens(ligne))) }
                (total("Total brut", 3, Some(totaux.brut), None))
            }
            tbody role="rowgroup" {
                (section("Cotisations et contributions"))
                @for (organisme, groupe) in par_organisme(de(&["cotisation"])) {
                    @if !organisme.is_empty() { (sous_section(organisme)) }
                    @for (rang, ligne) in groupe { (rangee(rang, ligne, liens(ligne))) }
                }
                (total(cotisations, 4, Some(agent), Some(employeur)))
            }
            @if !autres.is_empty() {
                tbody role="rowgroup" {
                    (section("Autres éléments"))
                    @for (rang, ligne) in autres { (rangee(rang, ligne, liens(ligne))) }
                }
            }
        }
    }
}

/// Lines of some natures, with their place in the payslip; the tax is among the totals.
fn numerotees<'b>(bulletin: &'b Bulletin, natures: &[&str]) -> Vec<(usize, &'b Ligne)> {
    let de = |nature: &&str| {
        let nature = (*nature).to_owned();
        let lignes = bulletin.lignes.iter().enumerate();
        lignes.filter(move |(_, ligne)| ligne.nature == nature && ligne.rubrique != "PAS")
    };
    natures.iter().flat_map(de).collect()
}

/// Lines by who receives them, in the order of the first line of each.
fn par_organisme(lignes: Vec<(usize, &Ligne)>) -> Vec<(&str, Vec<(usize, &Ligne)>)> {
    let mut groupes: Vec<(&str, Vec<(usize, &Ligne)>)> = Vec::new();
    for (rang, ligne) in lignes {
        match groupes.iter_mut().find(|(organisme, _)| *organisme == ligne.organisme) {
            Some((_, groupe)) => groupe.push((rang, ligne)),
            None => groupes.push((&ligne.organisme, vec![(rang, ligne)])),
        }
    }
    groupes
}

fn titres() -> Markup {
    html! {
        thead role="rowgroup" {
            tr role="row" {
                th.code scope="col" role="columnheader" { "Code" }
                th.rubrique scope="col" role="columnheader" { "Rubrique" }
                @for colonne in COLONNES {
                    th.nombre scope="col" role="columnheader" { (colonne) }
                }
            }
        }
    }
}

fn section(titre: &str) -> Markup {
    html! {
        tr.section role="row" {
            th scope="rowgroup" role="rowheader" colspan=(LARGEUR) { (titre) }
        }
    }
}

fn sous_section(organisme: &str) -> Markup {
    html! {
        tr.organisme role="row" {
            th scope="rowgroup" role="rowheader" colspan=(LARGEUR) { (organisme) }
        }
    }
}

fn rangee(rang: usize, ligne: &Ligne, lien: Option<String>) -> Markup {
    let suite = format!("explication-{rang}");
    html! {
        tr.ligne role="row" {
            td.code role="cell" { (code(&ligne.rubrique)) }
            th.rubrique scope="row" role="rowheader" {
                @match &lien {
                    Some(adresse) => {
                        a href=(adresse) hx-get=(adresse) hx-target={ "#" (suite) }
                            { (libelle(ligne)) span.lu { "\u{a0}: pourquoi ce montant" } }
                    }
                    None => { (libelle(ligne)) }
                }
            }
            @for (colonne, valeur) in COLONNES.iter().zip(chiffres_ligne(ligne)) {
                td.nombre.sans[valeur.is_empty()] role="cell" data-l=(colonne) { (valeur) }
            }
        }
        @if lien.is_some() {
            tr.suite role="row" { td id=(suite) role="cell" colspan=(LARGEUR) {} }
        }
    }
}

/// A code that can go on below, after one of its `_`.
fn code(rubrique: &str) -> Markup {
    let parts = rubrique.split_inclusive('_').enumerate();
    html! { @for (rang, part) in parts { @if rang > 0 { wbr; } (part) } }
}

/// The label, with what most labels already say; a payslip never names a strike.
fn libelle(ligne: &Ligne) -> String {
    let mut texte = ligne.libelle.clone();
    if !ligne.absence && !crate::domain::canonical(&texte).contains(&ligne.motif) {
        texte.push_str(&format!(" ({})", ligne.motif.replace('_', " ")));
    }
    if !ligne.mois_origine.is_empty() {
        texte.push_str(&format!(" — rappel {}", mois_court(&ligne.mois_origine)));
    }
    texte
}

/// `2026-09` as `09/2026`: a label keeps to one line of the printed page.
fn mois_court(mois: &str) -> String {
    mois.split_once('-').map_or_else(|| mois.to_owned(), |(annee, mois)| format!("{mois}/{annee}"))
}

/// Texts of the columns; what is told for information is neither paid nor withheld.
fn chiffres_ligne(ligne: &Ligne) -> [String; 7] {
    let taux = |taux: Option<_>| taux.map_or_else(String::new, pourcent);
    let retenu = matches!(ligne.nature.as_str(), "cotisation" | "retenue");
    let (mut base, mut payer, mut deduire) =
        (chiffres_de(ligne.base), String::new(), String::new());
    let place = match ligne.nature.as_str() {
        "information" => &mut base,
        _ if retenu => &mut deduire,
        _ => &mut payer,
    };
    if ligne.montant_agent.is_some() || place.is_empty() {
        *place = chiffres_de(ligne.montant_agent);
    }
    let nombre = ligne.nombre.as_ref().map_or_else(String::new, |n| n.replace('.', ","));
    let (agent, employeur) = (taux(ligne.taux_agent), taux(ligne.taux_employeur));
    [nombre, base, agent, payer, deduire, employeur, chiffres_de(ligne.montant_employeur)]
}

/// A total under the column at a place, and maybe one under the last.
fn total(
    titre: &str,
    place: usize,
    montant: Option<Option<Cents>>,
    dernier: Option<Cents>,
) -> Markup {
    let bloque =
        |cents: Option<Cents>| cents.map_or("bloqué".to_owned(), |c| chiffres_de(Some(c)));
    let montant = montant.map_or_else(String::new, bloque);
    let cellule = |rang: usize| match rang {
        rang if rang == place => montant.clone(),
        6 => chiffres_de(dernier),
        _ => String::new(),
    };
    html! {
        tr.total role="row" {
            th scope="row" role="rowheader" colspan="2" { (titre) }
            @for (rang, colonne) in COLONNES.iter().enumerate() {
                @let valeur = cellule(rang);
                td.nombre.sans[valeur.is_empty()] role="cell" data-l=(colonne) { (valeur) }
            }
        }
    }
}

// --- totals --------------------------------------------------------------------------------------

fn totaux(bulletin: &Bulletin) -> Markup {
    let totaux = &bulletin.totaux;
    let impot = totaux.taux_pas.map_or_else(String::new, |part| format!(" ({})", taux(part)));
    let nets = [
        ("Montant net social", String::new(), totaux.net_social),
        ("Net imposable", String::new(), totaux.net_imposable),
        ("Net à payer avant impôt sur le revenu", String::new(), totaux.net_avant_impot),
        ("Impôt sur le revenu prélevé à la source", impot, totaux.pas),
    ];
    html! {
        section.totaux {
            h2.lu { "Totaux" }
            dl.nets {
                @for (nom, precision, valeur) in &nets {
                    div { dt { (nom) (precision) } dd { (montant_ou_bloque(*valeur)) } }
                }
            }
            dl.net {
                div.a-payer {
                    dt {
                        "Net à payer"
                        @if !bulletin.payable() { span.bloque { " — bloqué, non payable" } }
                    }
                    dd { (montant_ou_bloque(totaux.net_a_payer)) }
                }
                div {
                    dt { "Coût total pour l’employeur" }
                    dd { (montant_ou_bloque(totaux.cout_employeur)) }
                }
            }
        }
    }
}

fn cumuls(bulletin: &Bulletin) -> Markup {
    let cumuls = &bulletin.cumuls;
    let mut montants = vec![
        ("Brut", cumuls.brut),
        ("Net imposable", cumuls.net_imposable),
        ("Impôt prélevé", cumuls.pas),
    ];
    let exonerees = cumuls.heures_exonerees.filter(|cents| cents.0 != 0);
    montants.extend(exonerees.map(|cents| ("Heures exonérées", cents)));
    html! {
        section.cumuls {
            h2 {
                "Cumuls " (cumuls.annee)
                @if !cumuls.anterieurs_connus { " (ce mois seul)" }
            }
            dl {
                @for (nom, cents) in montants { div { dt { (nom) } dd { (montant(cents)) } } }
            }
        }
    }
}
