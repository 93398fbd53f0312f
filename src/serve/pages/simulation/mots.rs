//! Words of the form of a simulation: what the closed lists of the pool and of the rules mean.

/// There is no payslip to start from.
pub(super) const SANS_BULLETIN: &str = "Cet agent n’a pas de bulletin calculable ce mois-ci\u{a0}: \
    il n’y a rien à comparer. Ouvrez son bulletin pour voir ce qui manque.";

/// Words of files, as people say them.
const MOTS: [(&str, &str); 33] = [
    ("titulaire", "Fonctionnaire titulaire"),
    ("stagiaire", "Fonctionnaire stagiaire"),
    ("contractuel", "Contractuel de droit public"),
    ("apprenti", "Apprenti"),
    ("vacataire", "Vacataire"),
    ("elu", "Élu local"),
    ("assistant_maternel", "Assistant maternel"),
    ("assistant_familial", "Assistant familial"),
    ("contrat_aide", "Contrat aidé de droit privé"),
    ("detache_etat", "Fonctionnaire de l’État détaché"),
    ("cnracl", "CNRACL"),
    ("ircantec", "Régime général et Ircantec"),
    ("pension_civile", "Pension civile de l’État"),
    ("general", "Régime général seul"),
    ("maladie_ordinaire", "Congé de maladie ordinaire"),
    ("clm", "Congé de longue maladie"),
    ("cld", "Congé de longue durée"),
    ("cgm", "Congé de grave maladie"),
    ("citis", "Congé pour accident ou maladie imputable au service (CITIS)"),
    ("maternite", "Congé de maternité"),
    ("paternite", "Congé de paternité et d’accueil de l’enfant"),
    ("adoption", "Congé d’adoption"),
    ("naissance", "Congé de naissance"),
    ("naissance_supplementaire", "Congé supplémentaire de naissance"),
    ("service_non_fait", "Absence sans service fait"),
    ("greve", "Grève"),
    ("suspension", "Suspension de fonctions"),
    ("exclusion", "Exclusion temporaire de fonctions"),
    ("disponibilite", "Disponibilité"),
    ("conge_parental", "Congé parental"),
    ("proche_aidant", "Congé de proche aidant"),
    ("detention", "Détention"),
    ("autorisation", "Autorisation d’absence"),
];

/// A word of a file as people say it; one that is not known here loses its `_`.
pub(super) fn dit(mot: &str) -> String {
    let known = MOTS.iter().find(|(nom, _)| *nom == mot);
    known.map_or_else(|| mot.replace('_', " "), |(_, dit)| (*dit).to_owned())
}
