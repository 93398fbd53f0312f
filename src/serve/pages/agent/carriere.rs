//! The career as a list of what changed: each row beside the one before it, in words.

use maud::{Markup, html};

use super::faits::{euros, jour, pour_cent};
use crate::domain::{Carriere, Regime, Statut, ZoneIr};
use crate::num::{Fixed, Ratio, RoundingMode, round_div};
use crate::serve::html::vide;
use crate::serve::pages::commun::majuscule;
use crate::serve::registre::Parcours;

/// Hours of a full week.
const SEMAINE: i128 = 35;

/// Something that a row says: its name, and its value in words.
type Trait = (&'static str, String);

/// The section: one list a contract, the latest row first.
pub fn section(parcours: &Parcours) -> Markup {
    let mut contrats: Vec<&str> = Vec::new();
    for row in &parcours.carrieres {
        if !contrats.contains(&&*row.contrat) {
            contrats.push(&row.contrat);
        }
    }
    html! {
        section {
            h2 { "Carrière" }
            @if contrats.is_empty() { (vide("Aucune carrière connue.", None)) }
            @for contrat in &contrats {
                h3 { "Contrat " (contrat) }
                @let rows = parcours.carrieres.iter().filter(|row| *row.contrat == **contrat);
                (frise(&rows.collect::<Vec<_>>()))
            }
        }
    }
}

fn frise(rows: &[&Carriere]) -> Markup {
    let avant = rows.iter().skip(1).map(|row| Some(*row)).chain([None]);
    html! {
        ol.frise reversed {
            @for (rang, (row, avant)) in rows.iter().zip(avant).enumerate() {
                (etape(row, avant, rang == 0))
            }
        }
    }
}

fn etape(row: &Carriere, avant: Option<&Carriere>, derniere: bool) -> Markup {
    let dates = &row.dated;
    let remplace = avant.is_some_and(|avant| avant.dated.depuis == dates.depuis);
    html! {
        li {
            h4 {
                "Depuis le " (jour(dates.depuis))
                @if let Some(fin) = dates.fin { ", jusqu’au " (jour(fin)) }
            }
            @if let Some(motif) = &row.motif { p { (majuscule(motif)) } }
            @if let Some(connu) = dates.connu_le {
                p.reference { "Connu le " (jour(connu)) }
            }
            @match avant {
                None => p { "Première situation connue." },
                Some(avant) => {
                    @if remplace {
                        p { "Remplace ce qui était connu pour la même date." }
                    }
                    (changements(&traits(avant), &traits(row)))
                }
            }
            details open[derniere] {
                summary { "Situation complète" }
                dl.fiche {
                    @for (nom, valeur) in traits(row) { div { dt { (nom) } dd { (valeur) } } }
                }
            }
        }
    }
}

/// What changed, in words.
fn changements(avant: &[Trait], apres: &[Trait]) -> Markup {
    let phrases = phrases(avant, apres);
    html! {
        @if phrases.is_empty() {
            p { "Rien ne change, sauf les dates." }
        } @else {
            ul.changements { @for phrase in phrases { li { (phrase) } } }
        }
    }
}

fn phrases(avant: &[Trait], apres: &[Trait]) -> Vec<String> {
    let dans = |traits: &[Trait], nom: &str| {
        traits.iter().find(|(autre, _)| *autre == nom).map(|(_, valeur)| valeur.clone())
    };
    let mut phrases = Vec::new();
    for (nom, valeur) in apres {
        match dans(avant, nom) {
            Some(ancien) if ancien == *valeur => {}
            Some(ancien) => phrases.push(format!("{nom}\u{a0}: {valeur}, au lieu de {ancien}")),
            None => phrases.push(format!("{nom}\u{a0}: {valeur} (rien avant)")),
        }
    }
    for (nom, ancien) in avant.iter().filter(|(nom, _)| dans(apres, nom).is_none()) {
        phrases.push(format!("{nom}\u{a0}: plus rien, au lieu de {ancien}"));
    }
    phrases
}

/// All that a row says; what is not said is left out.
fn traits(row: &Carriere) -> Vec<Trait> {
    let mot = |mot: &Option<crate::domain::Word>| mot.as_ref().map(ToString::to_string);
    let points = |points: i64| (points != 0).then(|| format!("{points}\u{a0}points"));
    let oui = |oui: bool| oui.then(|| "oui".to_owned());
    let plein = "temps complet".to_owned();
    let all = [
        ("Statut", Some(statut(row.statut).to_owned())),
        ("Régime de retraite", row.regime.map(|regime| self::regime(regime).to_owned())),
        ("Grade", mot(&row.grade)),
        ("Échelon", mot(&row.echelon)),
        ("Catégorie", row.categorie.map(|categorie| categorie.to_string())),
        ("Indice brut", mot(&row.indice_brut)),
        ("Indice majoré", row.indice_majore.map(|indice| indice.to_string())),
        ("Rémunération mensuelle", row.montant_mensuel.map(euros)),
        ("Taux horaire", row.taux_horaire.map(|taux| format!("{}\u{a0}€", taux.french()))),
        ("Quotité de travail", Some(part(row.quotite.ratio()))),
        ("Durée hebdomadaire du poste", Some(row.duree_hebdo.map_or(plein, heures))),
        (
            "Temps partiel thérapeutique",
            row.temps_partiel_therapeutique.map(|quotite| part(quotite.ratio())),
        ),
        ("Nouvelle bonification indiciaire", points(row.nbi)),
        ("Complément de traitement indiciaire", points(row.cti)),
        ("Zone d’indemnité de résidence", row.zone_ir.map(|zone| self::zone(zone).to_owned())),
        ("Fonction", mot(&row.fonction)),
        ("Taux de l’indemnité de fonction", row.taux_indemnite.map(pour_cent)),
        ("Contrat conclu le", row.conclu_le.map(crate::calendar::Day::french)),
        ("Groupe de fonctions RIFSEEP", row.groupe_rifseep.map(|groupe| groupe.to_string())),
        ("Logement par nécessité absolue de service", oui(row.loge)),
        ("Surcotisation retraite", oui(row.surcotisation)),
    ];
    all.into_iter().filter_map(|(nom, valeur)| Some((nom, valeur?))).collect()
}

/// `80 %`, to two decimals.
fn part(ratio: Ratio) -> String {
    let (num, den) = (i128::from(ratio.num()), i128::from(ratio.den()));
    let centiemes = round_div(num * 10_000, den, RoundingMode::DemiSuperieur);
    let centiemes = centiemes.and_then(|centiemes| i64::try_from(centiemes).ok());
    centiemes.map_or_else(String::new, |centiemes| {
        format!("{}\u{a0}%", Fixed::new(centiemes, 2).trimmed().french())
    })
}

/// `17 h 30 sur 35 h`.
fn heures(ratio: Ratio) -> String {
    if ratio == Ratio::ONE {
        return "temps complet".to_owned();
    }
    let (num, den) = (i128::from(ratio.num()), i128::from(ratio.den()));
    let minutes = round_div(num * SEMAINE * 60, den, RoundingMode::DemiSuperieur);
    let minutes = minutes.unwrap_or_default();
    let (heures, minutes) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    let minutes = if minutes == 0 { String::new() } else { format!("\u{a0}{minutes:02}") };
    format!("{heures}\u{a0}h{minutes} sur {SEMAINE}\u{a0}h")
}

fn statut(statut: Statut) -> &'static str {
    match statut {
        Statut::Titulaire => "fonctionnaire titulaire",
        Statut::Stagiaire => "fonctionnaire stagiaire",
        Statut::Contractuel => "contractuel de droit public",
        Statut::Apprenti => "apprenti",
        Statut::Vacataire => "vacataire",
        Statut::Elu => "élu",
        Statut::AssistantMaternel => "assistant maternel",
        Statut::AssistantFamilial => "assistant familial",
        Statut::ContratAide => "contrat aidé",
        Statut::DetacheEtat => "fonctionnaire de l’État détaché",
    }
}

fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::Cnracl => "CNRACL",
        Regime::Ircantec => "Ircantec",
        Regime::PensionCivile => "pensions civiles de l’État",
        Regime::General => "régime général",
    }
}

fn zone(zone: ZoneIr) -> &'static str {
    match zone {
        ZoneIr::Zone1 => "zone 1",
        ZoneIr::Zone2 => "zone 2",
        ZoneIr::Zone3 => "zone 3",
        ZoneIr::Specifique => "taux particulier",
    }
}

#[cfg(test)]
mod tests;
