//! The explanation for people: a tree on one hundred columns, French numbers.

use std::collections::BTreeSet;

use super::{ArrondiApplique, Etat, Explanation, Genre, Step};

/// Columns of the text.
const WIDTH: usize = 100;

/// The explanation as text. The version of a parametre is told once.
pub fn text(explanation: &Explanation) -> String {
    if !explanation.connu {
        return format!("`{}` n'est pas une rubrique de ces règles\n", explanation.demande);
    }
    let mut out = trees(explanation);
    if explanation.connu_le != "tout" {
        out.push_str(&format!("\nce qui était connu le {}\n", explanation.connu_le));
    }
    out
}

/// The trees of an explanation, nothing before and nothing after.
pub fn trees(explanation: &Explanation) -> String {
    let mut page = Page { out: String::new(), told: BTreeSet::new() };
    for (at, step) in explanation.lignes.iter().enumerate() {
        if at > 0 {
            page.out.push('\n');
        }
        page.step(step, "", "");
    }
    page.out
}

/// A text on as many lines as it needs, `below` starting what follows the first.
pub fn wrapped(out: &mut String, first: &str, below: &str, text: &str) {
    let room = WIDTH.saturating_sub(width(below).max(width(first)));
    for (at, part) in wrap(text, room, 0).iter().enumerate() {
        let line = format!("{}{part}", if at == 0 { first } else { below });
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

struct Page<'s> {
    out: String,
    told: BTreeSet<&'s str>,
}

/// What may end a step, below its operands.
enum Child<'s> {
    Step(&'s Step),
    Rounding(&'s ArrondiApplique),
}

impl<'s> Page<'s> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// A text with a value at the right of its first line; `below` starts what follows.
    fn titled(&mut self, prefix: &str, below: &str, left: &str, right: &str) {
        let room = WIDTH.saturating_sub(width(prefix));
        let parts = wrap(left, room, width(right) + 2);
        let fits = parts.first().is_some_and(|first| width(first) + width(right) + 2 <= room);
        for (at, part) in parts.iter().enumerate() {
            let start = if at == 0 { prefix } else { below };
            let text = format!("{start}{part}");
            let right = if at == 0 && fits { right } else { "" };
            self.push(&spread(&text, right));
        }
        if !fits {
            self.push(&spread(below, right));
        }
    }

    /// A text, `below` starting what follows its first line.
    fn line(&mut self, prefix: &str, below: &str, left: &str) {
        for (at, part) in wrap(left, WIDTH.saturating_sub(width(below)), 0).iter().enumerate() {
            let start = if at == 0 { prefix } else { below };
            self.push(&format!("{start}{part}"));
        }
    }

    /// A text, and its place at the right of its last line.
    fn placed(&mut self, prefix: &str, left: &str, place: &str) {
        let room = WIDTH.saturating_sub(width(prefix));
        let parts = wrap(left, room, 0);
        let fits = parts.last().is_some_and(|last| width(last) + width(place) + 2 <= room);
        for (at, part) in parts.iter().enumerate() {
            let right = if at + 1 == parts.len() && fits { place } else { "" };
            self.push(&spread(&format!("{prefix}{part}"), right));
        }
        if !fits {
            self.push(&spread(prefix, place));
        }
    }

    /// A step under `branch` (its own line) and `below` (all that follows).
    fn step(&mut self, step: &'s Step, branch: &str, below: &str) {
        let children = children(step);
        let value = match (&step.valeur, step.etat) {
            (_, Some(Etat::Bloquee)) => "BLOQUÉE",
            (None, Some(Etat::Absente)) => "absente",
            (Some(valeur), _) => valeur.texte.as_str(),
            (None, _) => "",
        };
        let bar = if children.is_empty() { "  " } else { "│ " };
        let body = format!("{below}{bar}");
        self.titled(branch, &format!("{body}  "), &title(step), value);
        self.body(step, &body);
        let count = children.len();
        for (at, child) in children.iter().enumerate() {
            let (turn, bar) =
                if at + 1 == count { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let (branch, below) = (format!("{below}{turn}"), format!("{below}{bar}"));
            match child {
                Child::Step(step) => self.step(step, &branch, &below),
                Child::Rounding(rounding) => {
                    self.line(&branch, &format!("{below}  "), &rounding_text(rounding));
                    if !rounding.politique.is_empty() {
                        let text = format!("politique de l'employeur : {}", rounding.politique);
                        let body = format!("{below}  ");
                        self.line(&body, &body, &text);
                    }
                }
            }
        }
    }

    fn body(&mut self, step: &'s Step, prefix: &str) {
        if let Some(formule) = &step.formule {
            let place = format!("{}:{}", formule.fichier, formule.ligne);
            self.placed(prefix, &formule.texte, &place);
        }
        if !step.calcul.is_empty() && step.genre != Genre::Condition {
            self.line(prefix, &format!("{prefix}  "), &format!("= {}", step.calcul));
        }
        for note in &step.notes {
            self.line(prefix, prefix, note);
        }
        let Some(version) = &step.version else { return };
        let dated = matches!(step.genre, Genre::Parametre | Genre::Bareme);
        if dated && !self.told.insert(&step.nom) {
            return;
        }
        self.line(prefix, prefix, &version.phrase());
        let reserve = version.reserve();
        if !reserve.is_empty() {
            self.line(prefix, prefix, &reserve);
        }
    }
}

/// What is written below a step. The title of a condition says the inputs it read.
fn children(step: &Step) -> Vec<Child<'_>> {
    let branch = step.genre == Genre::Condition && step.nom != "applicable";
    let plain = |child: &&Step| child.genre == Genre::Entree && child.notes.is_empty();
    let steps = step.etapes.iter().filter(|child| !(branch && plain(child)));
    let mut children: Vec<Child<'_>> = steps.map(Child::Step).collect();
    let moved = |rounding: &&ArrondiApplique| rounding.avant.nombre != rounding.apres.nombre;
    children.extend(step.arrondi.as_ref().filter(moved).map(Child::Rounding));
    children
}

fn title(step: &Step) -> String {
    match (step.genre, step.nom.as_str()) {
        (Genre::Condition, "applicable") => format!("s'applique si : {}", step.calcul),
        (Genre::Condition, _) => format!("si {}", step.calcul),
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
    format!("exact {} → {} ({step}, {mode})", rounding.avant.texte, rounding.apres.texte)
}

/// A text with something at the right margin.
fn spread(text: &str, right: &str) -> String {
    let gap = WIDTH.saturating_sub(width(text) + width(right));
    if right.is_empty() { text.to_owned() } else { format!("{text}{}{right}", " ".repeat(gap)) }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a text at spaces; the first line leaves `reserved` columns free.
fn wrap(text: &str, room: usize, reserved: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for mot in text.split(' ') {
        let free = if lines.is_empty() { reserved } else { 4 };
        let limit = room.saturating_sub(free).max(20);
        if !line.is_empty() && width(&line) + 1 + width(mot) > limit {
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
