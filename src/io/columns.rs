//! The columns of every pool file: the source of header checks and of the data dictionary.

use crate::domain::PoolFile;

/// A column of a pool file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// Whether a file without it is refused.
    pub needed: bool,
}

macro_rules! columns {
    ($($module:ident { $($index:ident $name:literal $need:ident,)+ })+) => {
        $(pub(super) mod $module {
            use super::Column;

            #[allow(
                dead_code,
                non_camel_case_types,
                clippy::upper_case_acronyms,
                reason = "the variants only number the constants of the same name"
            )]
            enum Position { $($index,)+ }
            $(#[allow(dead_code, reason = "the key column is read before the others")]
            pub(in crate::io) const $index: usize = Position::$index as usize;)+

            pub(in crate::io) const COLUMNS: &[Column] =
                &[$(Column { name: $name, needed: super::$need },)+];
        })+
    };
}

const NEEDED: bool = true;
const OPTIONAL: bool = false;

columns! {
    employeurs {
        SIRET "siret" NEEDED, NOM "nom" NEEDED, NATURE "nature" NEEDED, INSEE "insee" NEEDED,
        POPULATION "population" OPTIONAL, EFFECTIF "effectif" OPTIONAL,
        ADRESSE "adresse" OPTIONAL, CODE_POSTAL "code_postal" OPTIONAL, VILLE "ville" OPTIONAL,
        APE "ape" OPTIONAL, URSSAF "urssaf" OPTIONAL,
    }
    parametres {
        SIRET "siret" NEEDED, PARAMETRE "parametre" NEEDED, DEPUIS "depuis" NEEDED,
        FIN "fin" OPTIONAL, CONNU_LE "connu_le" OPTIONAL, VALEUR "valeur" NEEDED,
        REFERENCE "reference" OPTIONAL,
    }
    agents {
        AGENT "agent" NEEDED, NIR "nir" OPTIONAL, NOM "nom" OPTIONAL, PRENOM "prenom" OPTIONAL,
        NAISSANCE "naissance" OPTIONAL, SEXE "sexe" OPTIONAL, ADRESSE "adresse" OPTIONAL,
        IBAN "iban" OPTIONAL, BIC "bic" OPTIONAL,
    }
    carrieres {
        AGENT "agent" NEEDED, SIRET "siret" NEEDED, CONTRAT "contrat" NEEDED,
        DEPUIS "depuis" NEEDED, FIN "fin" OPTIONAL, CONNU_LE "connu_le" OPTIONAL,
        STATUT "statut" NEEDED, REGIME "regime" OPTIONAL, GRADE "grade" OPTIONAL,
        ECHELON "echelon" OPTIONAL, INDICE_BRUT "indice_brut" OPTIONAL,
        INDICE_MAJORE "indice_majore" OPTIONAL, CATEGORIE "categorie" OPTIONAL,
        MONTANT_MENSUEL "montant_mensuel" OPTIONAL, TAUX_HORAIRE "taux_horaire" OPTIONAL,
        QUOTITE "quotite" OPTIONAL, DUREE_HEBDO "duree_hebdo" OPTIONAL,
        TEMPS_PARTIEL_THERAPEUTIQUE "temps_partiel_therapeutique" OPTIONAL,
        NBI "nbi" OPTIONAL, ZONE_IR "zone_ir" OPTIONAL, CTI "cti" OPTIONAL,
        FONCTION "fonction" OPTIONAL, TAUX_INDEMNITE "taux_indemnite" OPTIONAL,
        MOTIF "motif" OPTIONAL, CONCLU_LE "conclu_le" OPTIONAL,
        GROUPE_RIFSEEP "groupe_rifseep" OPTIONAL, LOGE "loge" OPTIONAL,
        SURCOTISATION "surcotisation" OPTIONAL,
    }
    familles {
        AGENT "agent" NEEDED, DEPUIS "depuis" NEEDED, FIN "fin" OPTIONAL,
        CONNU_LE "connu_le" OPTIONAL, ENFANTS "enfants" NEEDED,
        ENFANTS_ALTERNES "enfants_alternes" OPTIONAL,
    }
    taux_pas {
        AGENT "agent" NEEDED, DEPUIS "depuis" NEEDED, FIN "fin" OPTIONAL,
        CONNU_LE "connu_le" OPTIONAL, TAUX "taux" NEEDED,
    }
    elements {
        AGENT "agent" NEEDED, SIRET "siret" NEEDED, CONTRAT "contrat" NEEDED,
        RUBRIQUE "rubrique" NEEDED, DEPUIS "depuis" NEEDED, FIN "fin" OPTIONAL,
        CONNU_LE "connu_le" OPTIONAL, NOMBRE "nombre" OPTIONAL, BASE "base" OPTIONAL,
        TAUX "taux" OPTIONAL, MONTANT "montant" OPTIONAL, MONTANT_PAYE "montant_paye" OPTIONAL,
        MOIS_ORIGINE "mois_origine" OPTIONAL, LIBELLE "libelle" OPTIONAL,
    }
    absences {
        AGENT "agent" NEEDED, SIRET "siret" NEEDED, CONTRAT "contrat" NEEDED,
        NATURE "nature" NEEDED, DEBUT "debut" NEEDED, FIN "fin" NEEDED,
        CONNU_LE "connu_le" OPTIONAL, ACCORDE_LE "accorde_le" OPTIONAL,
        PROLONGATION "prolongation" OPTIONAL, HEURES "heures" OPTIONAL,
        DEMI_JOURNEES "demi_journees" OPTIONAL, SANS_CARENCE "sans_carence" OPTIONAL,
        TAUX "taux" OPTIONAL,
    }
    cumuls {
        AGENT "agent" NEEDED, SIRET "siret" NEEDED, CONTRAT "contrat" NEEDED,
        ANNEE "annee" NEEDED, RUBRIQUE "rubrique" NEEDED, MONTANT "montant" OPTIONAL,
        BASE "base" OPTIONAL, MONTANT_AGENT "montant_agent" OPTIONAL,
        MONTANT_EMPLOYEUR "montant_employeur" OPTIONAL,
    }
}

/// The columns of a file, in the order of the contract; empty for a reference payslip.
pub fn columns(file: PoolFile) -> &'static [Column] {
    match file {
        PoolFile::Employeurs => employeurs::COLUMNS,
        PoolFile::Parametres => parametres::COLUMNS,
        PoolFile::Agents => agents::COLUMNS,
        PoolFile::Carrieres => carrieres::COLUMNS,
        PoolFile::Familles => familles::COLUMNS,
        PoolFile::TauxPas => taux_pas::COLUMNS,
        PoolFile::Elements => elements::COLUMNS,
        PoolFile::Absences => absences::COLUMNS,
        PoolFile::Cumuls => cumuls::COLUMNS,
        PoolFile::Bulletin => &[],
    }
}
