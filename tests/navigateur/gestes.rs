//! What a person does: clicks, typing, choices, files, the keyboard alone.

use std::path::Path;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};

use super::commande::Commande;
use super::{Key, Navigateur, executeur};

/// What has the keyboard, as assistive technology is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    element: String,
    /// Its role: `link`, `button`, `textbox`…
    pub role: String,
    /// Its accessible name.
    pub nom: String,
    /// Whether an outline or a shadow shows where the keyboard is.
    pub visible: bool,
}

impl Navigateur {
    /// Signs in through the page of sign-in, and waits for the page after it: the one that was
    /// asked for, or the one that asks for a code.
    pub fn connecter(&self, origine: &str, identifiant: &str, mot_de_passe: &str) {
        self.aller(&format!("{origine}/connexion"));
        self.remplir("Identifiant", identifiant);
        self.remplir("Mot de passe", mot_de_passe);
        self.suivre("Se connecter");
        let adresse = self.adresse();
        let refus = adresse.strip_prefix(origine).unwrap_or(&adresse).starts_with("/connexion");
        let refus = refus && !adresse.contains("second-facteur");
        assert!(!refus, "{identifiant} does not sign in: {}", self.texte());
    }

    /// Clicks the only link or button with a name.
    pub fn cliquer(&self, nom: &str) {
        let cible = self.chercher(nom, "return commande(arguments[0]);", &[json!(nom)]);
        self.fait(&format!("click « {nom} »"), cible.click());
    }

    /// Clicks the only link or button with a name, and waits for the page it leads to.
    pub fn suivre(&self, nom: &str) {
        let cible = self.chercher(nom, "return commande(arguments[0]);", &[json!(nom)]);
        self.changer_de_page(&format!("« {nom} »"), || {
            self.fait(&format!("click « {nom} »"), cible.click());
        });
    }

    /// Does what must lead to another page, and waits for it.
    pub fn changer_de_page(&self, quoi: &str, geste: impl FnOnce()) {
        self.execute("document.paieQuittee = true;", vec![]);
        geste();
        self.attendre(&format!("the page after {quoi}"), |page| {
            let arrivee = "return document.readyState === 'complete' && !document.paieQuittee;";
            match page.essayer(arrivee, vec![]) {
                Ok(Value::Bool(true)) => Ok(()),
                Ok(_) => Err(format!("still {}", page.adresse())),
                Err(error) => Err(error.to_string()),
            }
        });
    }

    /// Clicks what assistive technology calls by this role and this name.
    pub fn cliquer_role(&self, role: &str, nom: &str) {
        let cible = self.attendre(&format!("{role} « {nom} »"), |page| page.expose(role, nom));
        self.fait(&format!("click {role} « {nom} »"), cible.click());
    }

    /// Clicks the first element of a selector.
    pub fn cliquer_css(&self, css: &str) {
        self.fait(&format!("click {css}"), self.element(css).click());
    }

    /// Empties the field of a label, and types.
    pub fn remplir(&self, label: &str, valeur: &str) {
        let champ = self.champ(label);
        let genre = self.fait("read the kind of a field", champ.prop("type")).unwrap_or_default();
        if ["date", "month", "time", "week"].contains(&genre.as_str()) {
            let script = "return poser(arguments[0], arguments[1]);";
            let refus = self.execute(script, vec![json!(champ), json!(valeur)]);
            assert!(refus.is_null(), "{label}: {refus}");
            return;
        }
        self.fait(&format!("empty « {label} »"), champ.clear());
        self.fait(&format!("type in « {label} »"), champ.send_keys(valeur));
    }

    /// Empties the field of a selector, and types: for labels that rows of a form repeat.
    pub fn remplir_css(&self, css: &str, valeur: &str) {
        let champ = self.element(css);
        self.fait(&format!("empty {css}"), champ.clear());
        self.fait(&format!("type in {css}"), champ.send_keys(valeur));
    }

    /// Clicks a link that opens another tab, and goes there; returns the one it leaves.
    pub fn ouvrir_onglet(&self, nom: &str) -> WindowHandle {
        let ici = self.fait("name the tab", self.client.window());
        self.cliquer(nom);
        let nouveau = self.attendre("another tab", |page| {
            let onglets = page.fait("list the tabs", page.client.windows());
            onglets.into_iter().find(|onglet| *onglet != ici).ok_or_else(|| "one tab".to_owned())
        });
        self.revenir_a(nouveau);
        ici
    }

    /// Goes to another tab.
    pub fn revenir_a(&self, onglet: WindowHandle) {
        self.fait("change tabs", self.client.switch_to_window(onglet));
    }

    /// What the field of a label holds.
    pub fn valeur(&self, label: &str) -> String {
        let champ = self.champ(label);
        self.fait(&format!("read « {label} »"), champ.prop("value")).unwrap_or_default()
    }

    /// Chooses the option of a list by its words.
    pub fn choisir(&self, label: &str, option: &str) {
        let champ = json!(self.champ(label));
        let script = "return choisir(arguments[0], arguments[1]);";
        let refus = self.execute(script, vec![champ, json!(option)]);
        assert!(refus.is_null(), "{label}: {refus}");
    }

    /// Ticks a box, or picks a choice, by its label; it must not be ticked yet.
    pub fn cocher(&self, label: &str) {
        let champ = self.champ(label);
        let lu = |champ: &Element| self.fait("read a box", champ.is_selected());
        assert!(!lu(&champ), "« {label} » is ticked already");
        self.fait(&format!("tick « {label} »"), champ.click());
        assert!(lu(&champ), "« {label} » stays unticked");
    }

    /// Gives a file to the field of a label.
    pub fn deposer(&self, label: &str, fichier: &Path) {
        let absolu = fichier.canonicalize().unwrap();
        let champ = self.champ(label);
        let chemin = absolu.to_str().unwrap();
        self.fait(&format!("give a file to « {label} »"), champ.send_keys(chemin));
    }

    /// Presses and releases a key, wherever the keyboard is.
    pub fn appuyer(&self, touche: Key) {
        self.touches(&[touche.into()]);
    }

    /// Presses a key while Shift is down.
    pub fn appuyer_avec_maj(&self, touche: Key) {
        let (maj, value) = (Key::Shift.into(), touche.into());
        let gestes = KeyActions::new("clavier".to_owned())
            .then(KeyAction::Down { value: maj })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: maj });
        self.fait("press two keys", self.client.perform_actions(gestes));
    }

    /// Types a text, wherever the keyboard is.
    pub fn taper(&self, texte: &str) {
        self.touches(&texte.chars().collect::<Vec<_>>());
    }

    /// What has the keyboard; nothing before the first Tab.
    pub fn focus(&self) -> Option<Focus> {
        let vu = self.execute("return focus();", vec![]);
        let element = self.reference(vu.get("element")?);
        let (role, nom) = (self.lu(&element, "computedrole"), self.lu(&element, "computedlabel"));
        let (element, visible) = (element.element_id().to_string(), vu["visible"] == json!(true));
        Some(Focus { element, role, nom, visible })
    }

    /// Presses Tab until something of this name has the keyboard; how many times. Every stop on the
    /// way must show itself.
    pub fn tabuler_jusqua(&self, nom: &str) -> usize {
        let mut vus = Vec::new();
        for fois in 1..=200 {
            self.appuyer(Key::Tab);
            let Some(focus) = self.focus() else { continue };
            assert!(focus.visible, "the keyboard does not show on {focus:?}");
            if focus.nom == super::net(nom) {
                return fois;
            }
            // A date keeps the keyboard for several stops.
            if vus.first() == Some(&focus) && vus.last() != Some(&focus) {
                break;
            }
            vus.push(focus);
        }
        let noms: Vec<_> = vus.iter().map(|vu| format!("{} « {} »", vu.role, vu.nom)).collect();
        panic!("Tab never reaches « {nom} »; it goes through: {}", noms.join(", "));
    }

    fn champ(&self, label: &str) -> Element {
        self.chercher(label, "return champ(arguments[0]);", &[json!(label)])
    }

    fn touches(&self, touches: &[char]) {
        let clavier = KeyActions::new("clavier".to_owned());
        let gestes = touches.iter().fold(clavier, |gestes, &value| {
            gestes.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.fait("press keys", self.client.perform_actions(gestes));
    }

    /// The only element of a role and a name, or those there are.
    fn expose(&self, role: &str, nom: &str) -> Result<Element, String> {
        let porteurs = self.execute("return porteurs(arguments[0]);", vec![json!(nom)]);
        let mut connus = Vec::new();
        for porteur in porteurs.as_array().unwrap() {
            let element = self.reference(porteur);
            if self.lu(&element, "computedrole") != role {
                continue;
            }
            let connu = self.lu(&element, "computedlabel");
            if connu == super::net(nom) {
                return Ok(element);
            }
            connus.push(connu);
        }
        Err(format!("no {role} « {nom} »; there are: {}", connus.join(" | ")))
    }

    fn lu(&self, element: &Element, quoi: &str) -> String {
        let commande = Commande::expose(&element.element_id(), quoi);
        let lu = executeur().block_on(self.client.issue_cmd(commande));
        // An element that left the page between two questions has neither role nor name.
        super::net(lu.unwrap_or_default().as_str().unwrap_or_default())
    }
}
