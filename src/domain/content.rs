//! Equality of facts, whatever the rows that state them: a line number is no fact.

use super::absence::Absence;
use super::agent::{Agent, AgentFacts, Famille, TauxPas};
use super::carriere::Carriere;
use super::element::{Cumul, Element};
use super::employeur::{Employeur, ParametreEmployeur};
use super::fact::{Dated, RowRef};

/// A fact that can be compared without the row that states it.
pub trait Content {
    /// Whether both say the same thing. Files, lines and citations do not count; the order of the
    /// rows of a list does.
    fn same(&self, other: &Self) -> bool;
}

/// Compares field by field; a field that is not named does not compile.
macro_rules! content {
    ($type:ty { $($equal:ident)* } same { $($same:ident)* } ignored { $($ignored:ident)* }) => {
        impl Content for $type {
            fn same(&self, other: &Self) -> bool {
                let Self { $($equal,)* $($same,)* $($ignored: _,)* } = self;
                $(*$equal == other.$equal &&)* $($same.same(&other.$same) &&)* true
            }
        }
    };
}

impl<T: Content> Content for Vec<T> {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, two)| one.same(two))
    }
}

impl Content for RowRef {
    fn same(&self, _: &Self) -> bool {
        true
    }
}

content!(Dated { depuis fin connu_le } same {} ignored { reference });
content!(Agent { id naissance departement identity } same {} ignored { reference });
content!(Carriere {
    siret contrat statut regime grade echelon indice_brut indice_majore categorie montant_mensuel
    taux_horaire quotite duree_hebdo temps_partiel_therapeutique nbi zone_ir cti fonction
    taux_indemnite conclu_le groupe_rifseep loge surcotisation motif
} same { dated } ignored {});
content!(Famille { enfants enfants_alternes } same { dated } ignored {});
content!(TauxPas { taux } same { dated } ignored {});
content!(Element {
    siret contrat rubrique nombre base taux montant montant_paye mois_origine libelle
} same { dated } ignored {});
content!(Absence {
    siret contrat nature debut fin connu_le accorde_le prolongation heures demi_journees
    sans_carence taux
} same {} ignored { reference });
content!(Cumul {
    siret contrat annee rubrique montant base montant_agent montant_employeur
} same {} ignored { reference });
// What other agents and closed months say is not a fact of the agent.
content!(AgentFacts {} same {
    agent carrieres familles taux_pas elements absences cumuls
} ignored { precedents partage });
// `reference` is the deliberation here: a citation, which no amount depends on.
content!(ParametreEmployeur { nom valeur } same { dated } ignored { reference });
content!(Employeur {
    siret nom nature insee population effectif adresse code_postal ville ape urssaf
} same { parametres } ignored { reference });
