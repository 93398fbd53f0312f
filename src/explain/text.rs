//! The explanation for people: a tree on one hundred columns, French numbers.

use super::{ArrondiApplique, Etat, Explanation, Genre, Step};

/// Columns of the text.
const WIDTH: usize = 100;

/// The explanation as text.
pub fn text(explanation: &Explanation) -> String {
    let mut page = Page { out: String::new() };
    if !explanation.connu {
        return format!("`{}` n'est pas une rubrique de ces règles\n", explanation.demande);
    }
    for (at, step) in explanation.lignes.iter().enumerate() {
        if at > 0 {
            page.out.push('\n');
        }
        page.step(step, "", "");
    }
    if explanation.connu_le != "tout" {
        page.out.push_str(&format!("\nconnu le {}\n", explanation.connu_le));
    }
    page.out
}

struct Page {
    out: String,
}

/// What may end a step, below its operands.
enum Last<'s> {
    Step(&'s Step),
    Rounding(&'s ArrondiApplique),
}

impl Page {
    fn line(&mut self, prefix: &str, left: &str, right: &str) {
        let prefix_width = width(prefix);
        let room = WIDTH.saturating_sub(prefix_width);
        let reserved = if right.is_empty() { 0 } else { width(right) + 2 };
        // What does not fit goes on below, and the value stays on the last line.
        let mut lines = wrap(left, room, reserved);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            self.out.push_str(prefix);
            self.out.push_str(&line);
            self.out.push('\n');
        }
        let mut text = format!("{prefix}{last}");
        if !right.is_empty() {
            let gap = WIDTH.saturating_sub(width(&text) + width(right)).max(2);
            text.push_str(&" ".repeat(gap));
            text.push_str(right);
        }
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// A step under `branch` (its own line) and `below` (all that follows).
    fn step(&mut self, step: &Step, branch: &str, below: &str) {
        let children = children(step);
        let title = title(step);
        let value = match (&step.valeur, step.etat) {
            (_, Some(Etat::Bloquee)) => "BLOQUÉE".to_owned(),
            (None, Some(Etat::Absente)) => "absente".to_owned(),
            (Some(valeur), _) => valeur.texte.clone(),
            (None, _) => String::new(),
        };
        self.line(branch, &title, &value);
        let bar = if children.is_empty() { "  " } else { "│ " };
        let body = format!("{below}{bar}");
        self.body(step, &body);
        let count = children.len();
        for (at, child) in children.iter().enumerate() {
            let (turn, bar) = if at + 1 == count { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let (branch, below) = (format!("{below}{turn}"), format!("{below}{bar}"));
            match child {
                Last::Step(step) => self.step(step, &branch, &below),
                Last::Rounding(rounding) => self.line(&branch, &rounding_text(rounding), ""),
            }
        }
    }

    fn body(&mut self, step: &Step, prefix: &str) {
        if let Some(formule) = &step.formule {
            let place = format!("{}:{}", formule.fichier, formule.ligne);
            let told = step.genre != Genre::Condition || step.nom == "applicable";
            self.line(prefix, if told { &formule.texte } else { "" }, &place);
        }
        if !step.calcul.is_empty() && step.genre != Genre::Condition {
            self.line(prefix, &format!("= {}", step.calcul), "");
        }
        if step.genre == Genre::Condition && step.nom != "applicable" {
            self.line(prefix, &step.calcul, "");
        }
        for note in &step.notes {
            self.line(prefix, note, "");
        }
        if let Some(version) = &step.version {
            self.line(prefix, &version.phrase(), "");
            let reserve = version.reserve();
            if !reserve.is_empty() {
                self.line(prefix, &reserve, "");
            }
        }
    }
}

fn children(step: &Step) -> Vec<Last<'_>> {
    let mut children: Vec<Last<'_>> = step.etapes.iter().map(Last::Step).collect();
    let moved = |rounding: &&ArrondiApplique| rounding.avant.nombre != rounding.apres.nombre;
    children.extend(step.arrondi.as_ref().filter(moved).map(Last::Rounding));
    children
}

fn title(step: &Step) -> String {
    match (step.genre, step.nom.as_str()) {
        (Genre::Condition, "applicable") => format!("s'applique si : {}", step.calcul),
        (Genre::Condition, nom) => format!("si {nom}"),
        (_, nom) if step.libelle.is_empty() => nom.to_owned(),
        (_, nom) => format!("{nom}  {}", step.libelle),
    }
}

fn rounding_text(rounding: &ArrondiApplique) -> String {
    let step = match rounding.pas.as_str() {
        "0.01" => "au centime".to_owned(),
        "1.00" => "à l'euro".to_owned(),
        pas => format!("à {} €", pas.replace('.', ",")),
    };
    let mode = match rounding.mode.as_str() {
        "demi_superieur" => "demi supérieur",
        "troncature" => "troncature",
        _ => "par excès",
    };
    let politique = if rounding.politique.is_empty() {
        String::new()
    } else {
        format!(" ; politique de l'employeur : {}", rounding.politique)
    };
    format!(
        "exact {} → {} ({step}, {mode}{politique})",
        rounding.avant.texte, rounding.apres.texte
    )
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a text at spaces; the last line leaves `reserved` columns free.
fn wrap(text: &str, room: usize, reserved: usize) -> Vec<String> {
    let room = room.max(20);
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
    let full = width(&line) + reserved > room;
    lines.push(line);
    if full && reserved > 0 {
        lines.push(String::new());
    }
    lines
}
