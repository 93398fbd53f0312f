//! The payslip on one hundred columns, in French, without colours.

use super::{Bulletin, Cents, Ligne, Remarque, Situation, Taux};
use crate::num::Fixed;

/// Columns of the text.
pub const WIDTH: usize = 100;

const LABEL: usize = 39;
/// Widths of: nombre, base, rate, to pay, to withhold, employer rate, employer side.
const COLUMNS: [usize; 7] = [6, 9, 6, 9, 9, 6, 9];

/// The payslip as text.
pub fn text(bulletin: &Bulletin) -> String {
    let mut page = Page::default();
    page.rule('═');
    page.both(&format!("BULLETIN DE PAIE — {}", bulletin.periode), &state(bulletin));
    page.rule('═');
    if !bulletin.payable() {
        page.line("BLOQUÉ : ce bulletin n'est pas payable en l'état.");
    }
    for remarque in &bulletin.remarques {
        page.remark(remarque);
    }
    if !bulletin.remarques.is_empty() {
        page.rule('─');
    }
    page.heading(bulletin);
    page.rule('─');
    page.columns();
    page.rule('─');
    page.lines(bulletin);
    page.totals(bulletin);
    page.rule('═');
    page.out
}

fn state(bulletin: &Bulletin) -> String {
    let known = match bulletin.connu_le.as_str() {
        "tout" => String::new(),
        day => format!("connu le {day}  "),
    };
    format!("{known}{}", if bulletin.payable() { "" } else { "*** BLOQUÉ ***" })
}

/// A text under construction.
#[derive(Default)]
pub struct Page {
    /// The text so far.
    pub out: String,
}

impl Page {
    /// One line, without spaces at its end.
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// A rule over the whole width.
    pub fn rule(&mut self, sign: char) {
        let text: String = std::iter::repeat_n(sign, WIDTH).collect();
        self.line(&text);
    }

    /// A text at each margin.
    pub fn both(&mut self, left: &str, right: &str) {
        let gap = WIDTH.saturating_sub(width(left) + width(right)).max(1);
        self.line(&format!("{left}{}{right}", " ".repeat(gap)));
    }

    /// A text cut at spaces, what follows shifted.
    pub fn wrapped(&mut self, start: &str, text: &str) {
        for (at, part) in wrap(text, WIDTH.saturating_sub(width(start))).iter().enumerate() {
            let margin = if at == 0 { start.to_owned() } else { " ".repeat(width(start)) };
            self.line(&format!("{margin}{part}"));
        }
    }

    fn remark(&mut self, remarque: &Remarque) {
        let place = match &remarque.ligne {
            Some((file, line)) => format!(" ({file}, ligne {line})"),
            None => String::new(),
        };
        let mark = if remarque.bloquant { "  ✗ " } else { "  ! " };
        self.wrapped(mark, &format!("{} {}{place}", remarque.code, remarque.message));
        if !remarque.remede.is_empty() {
            self.wrapped("    → ", &remarque.remede);
        }
    }

    /// Employer on the left, agent on the right.
    fn heading(&mut self, bulletin: &Bulletin) {
        let employeur = &bulletin.employeur;
        let mut left = vec![employeur.nom.clone(), format!("SIRET {}", siret(&employeur.siret))];
        left.push(employeur.adresse.clone());
        if !employeur.ape.is_empty() {
            left.push(format!("APE {}", employeur.ape));
        }
        if !employeur.urssaf.is_empty() {
            left.push(format!("URSSAF {}", employeur.urssaf));
        }
        let agent = &bulletin.agent;
        let mut right = vec![format!("{} {}", agent.prenom, agent.nom).trim().to_owned()];
        right.push(format!("Agent {}, contrat {}", agent.id, agent.contrat));
        let same = bulletin.situations.windows(2).all(|pair| match pair {
            [a, b] => situation(a) == situation(b),
            _ => true,
        });
        if let Some(only) = bulletin.situations.last().filter(|_| same) {
            right.extend(situation(only).iter().map(|text| capital(text)));
            if bulletin.trentiemes != 30 {
                right.push(format!("Présence {}/30", bulletin.trentiemes));
            }
        }
        let half = 48;
        let left: Vec<String> = left.iter().flat_map(|text| wrap(text, half)).collect();
        let right: Vec<String> = right.iter().flat_map(|text| wrap(text, half)).collect();
        for at in 0..left.len().max(right.len()) {
            let cell = |side: &[String]| side.get(at).cloned().unwrap_or_default();
            self.line(&format!("{} │ {}", padded(&cell(&left), half), cell(&right)));
        }
        for part in bulletin.situations.iter().filter(|_| !same) {
            let text = situation(part).join(", ");
            let dates = format!("Du {} au {}", french(&part.depuis), french(&part.fin));
            self.wrapped("  ", &format!("{dates} ({}/30) : {text}", part.trentiemes));
        }
    }

    fn columns(&mut self) {
        let heads = ["Nombre", "Base", "Taux %", "À payer", "À déduire", "Taux %", "Employeur"];
        self.row("Rubrique", &heads.map(str::to_owned));
    }

    /// A label and seven cells; a long label goes on below.
    fn row(&mut self, label: &str, cells: &[String; 7]) {
        for (at, part) in wrap(label, LABEL).iter().enumerate() {
            let mut text = padded(part, LABEL);
            for (cell, width) in cells.iter().zip(COLUMNS).filter(|_| at == 0) {
                text.push(' ');
                text.push_str(&right(cell, width));
            }
            self.line(&text);
        }
    }

    fn lines(&mut self, bulletin: &Bulletin) {
        let of = |nature: &'static str| {
            let lines = bulletin.lignes.iter();
            lines.filter(move |line| line.nature == nature && line.rubrique != "PAS")
        };
        let totaux = &bulletin.totaux;
        for line in of("gain") {
            self.pay_line(line);
        }
        self.total("TOTAL BRUT", totaux.brut, 3, None);
        self.rule('─');
        for line in of("cotisation") {
            self.pay_line(line);
        }
        let (agent, employeur) = (totaux.cotisations_agent, totaux.cotisations_employeur);
        let whole = totaux.cout_employeur.is_some() && totaux.net_social.is_some();
        let label = if whole { "TOTAL DES COTISATIONS" } else { "COTISATIONS (incomplètes)" };
        self.total(label, Some(agent), 4, Some(employeur));
        self.rule('─');
        let mut others = 0;
        for nature in ["non_soumis", "retenue", "information"] {
            for line in of(nature) {
                self.pay_line(line);
                others += 1;
            }
        }
        if others > 0 {
            self.rule('─');
        }
    }

    fn pay_line(&mut self, line: &Ligne) {
        let mut label = line.libelle.clone();
        // Most labels already say it; a payslip never names a strike.
        if !line.absence && !crate::domain::canonical(&label).contains(&line.motif) {
            label.push_str(&format!(" ({})", line.motif.replace('_', " ")));
        }
        if !line.mois_origine.is_empty() {
            label.push_str(&format!(" — rappel {}", line.mois_origine));
        }
        let nombre = line.nombre.as_ref().map_or_else(String::new, |n| n.replace('.', ","));
        let withheld = matches!(line.nature.as_str(), "cotisation" | "retenue");
        let amount = cents(line.montant_agent);
        let (mut base, mut pay, mut withhold) = (cents(line.base), String::new(), String::new());
        // What is told for information is neither paid nor withheld.
        let place = match line.nature.as_str() {
            "information" => &mut base,
            _ if withheld => &mut withhold,
            _ => &mut pay,
        };
        *place = amount;
        let cells = [
            nombre,
            base,
            taux(line.taux_agent),
            pay,
            withhold,
            taux(line.taux_employeur),
            cents(line.montant_employeur),
        ];
        self.row(&label, &cells);
    }

    fn total(&mut self, label: &str, amount: Option<Cents>, column: usize, side: Option<Cents>) {
        let mut cells: [String; 7] = Default::default();
        if let Some(cell) = cells.get_mut(column) {
            *cell = or_blocked(amount);
        }
        if let (Some(side), [.., last]) = (side, &mut cells) {
            *last = cents(Some(side));
        }
        self.row(label, &cells);
    }

    fn totals(&mut self, bulletin: &Bulletin) {
        let totaux = &bulletin.totaux;
        let rate = totaux
            .taux_pas
            .map_or_else(String::new, |rate| format!(" au taux de {} %", taux(Some(rate))));
        let nets = [
            ("Montant net social".to_owned(), totaux.net_social),
            ("Net imposable".to_owned(), totaux.net_imposable),
            ("Net à payer avant impôt sur le revenu".to_owned(), totaux.net_avant_impot),
            (format!("Impôt sur le revenu prélevé à la source{rate}"), totaux.pas),
        ];
        for (label, amount) in nets {
            self.both(&label, &or_blocked(amount));
        }
        self.rule('═');
        let blocked = if bulletin.payable() { "" } else { "   (BLOQUÉ, non payable)" };
        let net = totaux.net_a_payer.map_or_else(|| "BLOQUÉ".to_owned(), euros);
        self.both(&format!("NET À PAYER{blocked}"), &net);
        let cost = totaux.cout_employeur.map_or_else(|| "BLOQUÉ".to_owned(), euros);
        self.both("Coût total pour l'employeur", &cost);
        self.rule('─');
        self.since_january(bulletin);
    }

    fn since_january(&mut self, bulletin: &Bulletin) {
        let cumuls = &bulletin.cumuls;
        let mut parts = vec![
            format!("brut {}", euros(cumuls.brut)),
            format!("net imposable {}", euros(cumuls.net_imposable)),
            format!("impôt {}", euros(cumuls.pas)),
        ];
        if let Some(exempt) = cumuls.heures_exonerees.filter(|exempt| exempt.0 != 0) {
            parts.push(format!("heures exonérées {}", euros(exempt)));
        }
        let known = if cumuls.anterieurs_connus { "" } else { " (ce mois seul)" };
        self.wrapped(&format!("Cumul {}{known} : ", cumuls.annee), &parts.join(" ; "));
    }
}

/// What the agent is, in short texts.
fn situation(part: &Situation) -> Vec<String> {
    let mut texts = Vec::new();
    let mut status = vec![part.statut.clone()];
    if !part.categorie.is_empty() {
        status.push(format!("catégorie {}", part.categorie));
    }
    status.push(part.regime.clone());
    texts.push(status.join(", "));
    if !part.grade.is_empty() {
        let step = if part.echelon.is_empty() {
            String::new()
        } else {
            format!(", échelon {}", part.echelon)
        };
        texts.push(format!("{}{step}", part.grade));
    }
    let mut index = Vec::new();
    if !part.indice_brut.is_empty() {
        index.push(format!("indice brut {}", part.indice_brut));
    }
    index.extend(part.indice_majore.map(|im| format!("indice majoré {im}")));
    if part.nbi != 0 {
        index.push(format!("NBI {}", part.nbi));
    }
    if !index.is_empty() {
        texts.push(index.join(", "));
    }
    let mut time = vec![format!("quotité {}", part.quotite)];
    if !part.quotite_payee.is_empty() {
        time.push(format!("payée {}", part.quotite_payee));
    }
    if !part.duree_hebdo.is_empty() {
        time.push(format!("poste de {} par semaine", part.duree_hebdo));
    }
    if !part.zone_ir.is_empty() {
        time.push(format!("résidence : {}", part.zone_ir));
    }
    texts.push(time.join(", "));
    texts
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1 801,74`.
pub fn cents(amount: Option<Cents>) -> String {
    amount.map_or_else(String::new, |Cents(cents)| Fixed::new(cents, 2).french())
}

/// `1 801,74 €`.
pub fn euros(Cents(cents): Cents) -> String {
    crate::num::Amount::from_cents(cents).french()
}

fn or_blocked(amount: Option<Cents>) -> String {
    amount.map_or_else(|| "BLOQUÉ".to_owned(), |amount| cents(Some(amount)))
}

/// `34,65`: a percentage, at least two decimals.
pub fn taux(rate: Option<Taux>) -> String {
    let Some(Taux(millionths)) = rate else { return String::new() };
    let mut percent = Fixed::new(millionths, 4);
    let short = percent.trimmed();
    percent = match short.at_scale(2) {
        Ok(hundredths) => Fixed::new(hundredths, 2),
        Err(_) => short,
    };
    percent.french()
}

fn siret(digits: &str) -> String {
    let groups = [digits.get(..3), digits.get(3..6), digits.get(6..9), digits.get(9..)];
    let groups: Option<Vec<&str>> = groups.into_iter().collect();
    groups.map_or_else(|| digits.to_owned(), |groups| groups.join(" "))
}

/// `2026-10-31` as `31/10/2026`.
fn french(day: &str) -> String {
    crate::calendar::Day::parse(day).map_or_else(|_| day.to_owned(), |day| day.french())
}

/// Columns of a text.
pub fn width(text: &str) -> usize {
    text.chars().count()
}

/// A text filled up with spaces.
pub fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(width(text))))
}

/// A text against the right of its column.
pub fn right(text: &str, room: usize) -> String {
    format!("{}{text}", " ".repeat(room.saturating_sub(width(text))))
}

/// Cuts a text at spaces.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for mot in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(mot) > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(mot);
    }
    lines.push(line);
    lines
}
