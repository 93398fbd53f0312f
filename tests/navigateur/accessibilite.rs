//! Faults of accessibility that a program can see, by axe-core (`axe.min.js`, MPL-2.0).
//!
//! It finds a part of what WCAG asks; the keyboard and what is read aloud have tests of their own.

use serde_json::{Value, json};

use super::{Navigateur, executeur};

/// The rules that every page follows.
pub const REGLES: &[&str] = &["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

const AXE: &str = include_str!("axe.min.js");

const JOUER: &str = "
const fini = arguments[arguments.length - 1];
const voulu = { runOnly: { type: 'tag', values: arguments[0] }, preload: false };
const noeud = (n) => `${n.target.join(' ')}  ${n.html.slice(0, 160)}`;
axe.run(document, voulu).then((vu) => fini({
  suivies: vu.passes.length + vu.violations.length,
  fautes: vu.violations.map((v) => [`${v.id} (${v.impact}): ${v.help}`, ...v.nodes.map(noeud)]),
}), (erreur) => fini({ erreur: String(erreur) }));
";

impl Navigateur {
    /// The page breaks none of the rules with these tags ([`REGLES`]): a list of rules, what they
    /// ask and the elements that do not follow them.
    pub fn sans_faute(&self, regles: &[&str]) {
        let fautes = self.fautes(regles);
        let liste: Vec<String> = fautes.iter().map(|faute| faute.join("\n    ")).collect();
        assert!(liste.is_empty(), "{} is not accessible:\n{}", self.adresse(), liste.join("\n"));
    }

    /// What `sans_faute` fails with: for each rule, what it asks, then the elements.
    pub fn fautes(&self, regles: &[&str]) -> Vec<Vec<String>> {
        if self.execute("return typeof axe === 'undefined';", vec![]) == json!(true) {
            self.fait("load axe-core", self.client.execute(AXE, vec![]));
        }
        let vu = executeur().block_on(self.client.execute_async(JOUER, vec![json!(regles)]));
        let vu = vu.unwrap_or_else(|error| panic!("axe-core did not run: {error}"));
        let suivies = vu["suivies"].as_u64().unwrap_or(0);
        assert!(suivies > 0, "axe-core looked at nothing: {vu}");
        let texte = |ligne: &Value| ligne.as_str().unwrap_or("").to_owned();
        let faute = |faute: &Value| faute.as_array().unwrap().iter().map(texte).collect();
        vu["fautes"].as_array().unwrap().iter().map(faute).collect()
    }
}
