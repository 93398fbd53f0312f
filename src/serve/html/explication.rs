//! Why an amount: the steps of a line, each with its formula, its values, its texts of law.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::elements::{Alerte, Icone, alerte, icone};
use super::texte::{du_mois, jour, majuscule};
use crate::explain::{
    ArrondiApplique, Etat, Explanation, Formule, Genre, Step, TexteCite, VersionCitee,
};
use crate::francais::compose;

/// How many levels are open before anything is clicked: the line, and what it is computed from.
const OUVERTS: usize = 2;

/// An explanation, as the content of a page.
pub fn explication(explication: &Explanation) -> Markup {
    if !explication.connu {
        return alerte(
            Alerte::Attention,
            "Cette rubrique n’existe pas dans les règles de ce mois",
            &html! { "Le code demandé est « " (explication.demande) " »." },
        );
    }
    let mut dites = BTreeSet::new();
    html! {
        div.explication {
            @for ligne in &explication.lignes { (etape(ligne, 0, &mut dites)) }
            p.contexte {
                "Calcul " (du_mois(&explication.mois))
                @if explication.connu_le != "tout" {
                    ", d’après ce qui était connu le " (jour(&explication.connu_le))
                }
                "."
            }
        }
    }
}

/// The same, to be put below a line of a payslip: it can be folded, and takes the focus.
pub fn explication_pliee(demandee: &Explanation) -> Markup {
    html! {
        details.pliee open {
            summary autofocus { "Pourquoi ce montant" }
            (explication(demandee))
        }
    }
}

/// The version of a parameter is told once: `dites` holds those that were.
fn etape<'e>(etape: &'e Step, niveau: usize, dites: &mut BTreeSet<&'e str>) -> Markup {
    let titre = html! {
        span.intitule-etape { (intitule(etape)) }
        (resultat(etape))
    };
    let corps = corps(etape, dites);
    let enfants: Vec<Markup> =
        enfants(etape).map(|enfant| self::etape(enfant, niveau + 1, dites)).collect();
    let arrondi = etape.arrondi.as_ref().filter(|a| a.avant.nombre != a.apres.nombre);
    let feuille = corps.0.is_empty() && enfants.is_empty() && arrondi.is_none();
    let classe = classe(etape.genre);
    html! {
        @if feuille {
            div.etape.feuille.(classe) { p.tete { (titre) } }
        } @else {
            details.etape.(classe) open[niveau < OUVERTS] {
                summary.tete { (titre) }
                div.corps-etape {
                    (corps)
                    @if !enfants.is_empty() {
                        ol.etapes { @for enfant in enfants { li { (enfant) } } }
                    }
                    @if let Some(arrondi) = arrondi { (arrondi_en_mots(arrondi)) }
                }
            }
        }
    }
}

fn classe(genre: Genre) -> &'static str {
    match genre {
        Genre::Ligne => "est-ligne",
        Genre::Condition => "est-condition",
        Genre::Entree | Genre::Cumul => "est-donnee",
        Genre::Parametre | Genre::Bareme => "est-regle",
        _ => "est-calcul",
    }
}

/// Operands of a step; the title of a condition says the inputs it read.
fn enfants(etape: &Step) -> impl Iterator<Item = &Step> {
    let branche = etape.genre == Genre::Condition && etape.nom != "applicable";
    let simple = |enfant: &&Step| enfant.genre == Genre::Entree && enfant.notes.is_empty();
    etape.etapes.iter().filter(move |enfant| !(branche && simple(enfant)))
}

fn intitule(etape: &Step) -> Markup {
    html! {
        @match (etape.genre, etape.nom.as_str()) {
            (Genre::Condition, "applicable") => { "S’applique si " code { (etape.calcul) } }
            (Genre::Condition, _) => { "Si " code { (etape.calcul) } }
            (genre, nom) => {
                @if !etape.libelle.is_empty() {
                    (majuscule(&etape.libelle)) " " code.nom-regle { (nom) }
                } @else if matches!(genre, Genre::Assiette | Genre::Taux) {
                    (majuscule(nom))
                } @else {
                    code { (nom) }
                }
            }
        }
    }
}

fn resultat(etape: &Step) -> Markup {
    html! {
        @match (&etape.valeur, etape.etat) {
            (_, Some(Etat::Bloquee)) => { strong.valeur.bloque { "bloquée" } }
            (None, Some(Etat::Absente)) => { strong.valeur { "absente" } }
            (Some(valeur), _) => { strong.valeur { (valeur.texte) } }
            (None, _) => {}
        }
    }
}

fn corps<'e>(etape: &'e Step, dites: &mut BTreeSet<&'e str>) -> Markup {
    let datee = matches!(etape.genre, Genre::Parametre | Genre::Bareme);
    let a_dire = !datee || etape.version.is_none() || dites.insert(&etape.nom);
    let calcul =
        Some(&etape.calcul).filter(|texte| !texte.is_empty() && etape.genre != Genre::Condition);
    html! {
        @if etape.formule.is_some() || calcul.is_some() {
            (calcul_en_deux_lignes(etape.formule.as_ref(), calcul.map(String::as_str)))
        }
        @for note in &etape.notes { p.note { (majuscule(&compose(note))) } }
        @if let Some(version) = etape.version.as_ref().filter(|_| a_dire) { (texte(version)) }
    }
}

/// The formula as written, then with values.
fn calcul_en_deux_lignes(formule: Option<&Formule>, calcul: Option<&str>) -> Markup {
    html! {
        dl.calcul {
            @if let Some(formule) = formule {
                div {
                    dt { "Formule" }
                    dd {
                        code { (formule.texte) }
                        span.place { (formule.fichier) ", ligne " (formule.ligne) }
                    }
                }
            }
            @if let Some(calcul) = calcul {
                div { dt { "Calcul" } dd { code { (calcul) } } }
            }
        }
    }
}

/// The version in force, its texts, its reservation.
pub(super) fn texte(version: &VersionCitee) -> Markup {
    html! {
        div.version {
            p.vigueur {
                "En vigueur depuis le " (jour(&version.depuis))
                @match version.publie.as_str() {
                    "inconnue" => { ", date de publication inconnue" }
                    publie => { ", publié le " (jour(publie)) }
                }
            }
            @if version.textes.is_empty() {
                p.reserve { (icone(Icone::Attention)) "Source à trouver" }
            } @else {
                ul.textes {
                    @for (cite, articles) in par_texte(&version.textes) {
                        li { (citation(cite, &articles)) }
                    }
                }
            }
            @let reserve = version.reserve();
            @if !reserve.is_empty() {
                p.reserve { (icone(Icone::Attention)) (majuscule(&compose(&reserve))) }
            }
        }
    }
}

/// Texts with their articles: those of one text that follow each other are told together.
fn par_texte(textes: &[TexteCite]) -> Vec<(&TexteCite, Vec<&str>)> {
    let mut groupes: Vec<(&TexteCite, Vec<&str>)> = Vec::new();
    for cite in textes {
        match groupes.last_mut() {
            Some((premier, articles))
                if premier.cle == cite.cle && !articles.is_empty() && !cite.article.is_empty() =>
            {
                articles.push(&cite.article);
            }
            _ => {
                let article = Some(cite.article.as_str()).filter(|article| !article.is_empty());
                groupes.push((cite, article.into_iter().collect()));
            }
        }
    }
    groupes
}

fn citation(cite: &TexteCite, articles: &[&str]) -> Markup {
    let mot = if articles.len() > 1 { ", articles\u{a0}" } else { ", article\u{a0}" };
    let nom = html! {
        (cite.titre)
        @if !articles.is_empty() { (mot) (articles.join(", ")) }
    };
    // A rule file could carry any address: only a web address becomes a link.
    let sure = cite.url.starts_with("https://") || cite.url.starts_with("http://");
    let (href, ou) = match sure {
        true => (Some(cite.url.clone()), ""),
        false => (recherche(&cite.titre), "chercher sur Légifrance, "),
    };
    html! {
        @if let Some(href) = href {
            a href=(href) rel="noopener noreferrer" target="_blank" {
                (nom)
                (icone(Icone::Externe))
                span.lu { " (" (ou) "site externe, nouvelle fenêtre)" }
            }
        } @else {
            (nom)
        }
    }
}

/// Words that the title of a text of the State begins with; others are not on Légifrance.
const PUBLIES: [&str; 6] = ["Loi", "Décret", "Arrêté", "Ordonnance", "Code", "Délibération"];

/// Where the public register finds a text whose address is not known here: by its kind and number,
/// or by the whole title, what is in brackets left out.
fn recherche(titre: &str) -> Option<String> {
    let first = titre.split([' ', ',']).next().unwrap_or("");
    if !PUBLIES.contains(&first) {
        return None;
    }
    let mut words = titre.split_whitespace();
    let numbered = (words.nth(1) == Some("n°")).then(|| words.next()).flatten();
    let query = match numbered {
        Some(number) => format!("{first} n° {number}"),
        None => titre.split(" (").next().unwrap_or(titre).to_owned(),
    };
    let mut address = form_urlencoded::Serializer::new(String::new());
    address.append_pair("tab_selection", "all").append_pair("searchField", "ALL");
    address.append_pair("query", &query);
    Some(format!("https://www.legifrance.gouv.fr/search/all?{}", address.finish()))
}

fn arrondi_en_mots(arrondi: &ArrondiApplique) -> Markup {
    let pas = match arrondi.pas.as_str() {
        "0.01" => "au centime".to_owned(),
        "1.00" => "à l’euro".to_owned(),
        pas => format!("à {}\u{a0}€", pas.replace('.', ",")),
    };
    let mode = match arrondi.mode.as_str() {
        "demi_superieur" => "demi supérieur",
        "troncature" => "troncature",
        _ => "par excès",
    };
    html! {
        p.arrondi {
            span.mot { "Arrondi" } " "
            (arrondi.avant.texte) " → " strong { (arrondi.apres.texte) }
            " (" (pas) ", " (mode) ")"
            @if !arrondi.politique.is_empty() {
                br; "Politique de l’employeur\u{a0}: " (arrondi.politique)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::recherche;

    #[test]
    fn a_text_without_an_address_is_searched_by_its_number() {
        let found = |title| recherche(title).map(|url| url.rsplit('=').next().map(str::to_owned));
        let decree = "Décret n° 2023-519 du 28 juin 2023 portant majoration";
        assert_eq!(found(decree), Some(Some("D%C3%A9cret+n%C2%B0+2023-519".to_owned())));
        let order = "Arrêté du 24 novembre 2023 modifiant l'arrêté (compte épargne-temps)";
        let words = "Arr%C3%AAt%C3%A9+du+24+novembre+2023+modifiant+l%27arr%C3%AAt%C3%A9";
        assert_eq!(found(order), Some(Some(words.to_owned())));
        assert_eq!(recherche("openfisca-france 176.1.8"), None);
    }
}
