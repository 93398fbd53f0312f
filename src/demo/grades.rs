//! The grades that invented agents hold, as ladders of a career, with their number of échelons.
//!
//! Names are those of the grids; every grade has a version in force since 2024 at the latest.

/// Hierarchical category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Categorie {
    /// Direction.
    A,
    /// Application, supervision.
    B,
    /// Execution.
    #[default]
    C,
}

impl Categorie {
    /// The letter written in files.
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// One grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grade {
    /// Name, as in the grids.
    pub(super) nom: &'static str,
    /// Number of échelons that have an index.
    pub(super) echelons: u32,
}

/// The grades a career climbs, with what is common to those who climb it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ladder {
    /// Category.
    pub(super) categorie: Categorie,
    /// Women out of a hundred.
    pub(super) femmes: u32,
    /// Teaching, police, care… what changes hours and premiums.
    pub(super) metier: Metier,
    /// Groups of functions of the RIFSEEP; 0 outside it.
    pub(super) groupes: u32,
    /// Monthly IFSE, in steps of five euros, from the lowest to the highest.
    pub(super) ifse: (u32, u32),
    /// Yearly CIA, in tens of euros; the highest keeps under the ceiling of every group.
    pub(super) cia: (u32, u32),
    /// From the first grade to the last.
    pub(super) grades: &'static [Grade],
}

/// What a ladder changes in a payslip, beside its grades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Metier {
    /// Nothing particular.
    #[default]
    Courant,
    /// Weekly hours out of twenty, no overtime.
    Enseignement,
    /// Works at night and on Sundays.
    Police,
    /// May have the complément de traitement indiciaire.
    Soin,
    /// Fights fires.
    Pompier,
}

const fn grade(nom: &'static str, echelons: u32) -> Grade {
    Grade { nom, echelons }
}

const fn ladder(categorie: Categorie, femmes: u32, grades: &'static [Grade]) -> Ladder {
    let (groupes, ifse, cia) = match categorie {
        A => (4, (75, 260), (75, 260)),
        B => (3, (40, 120), (40, 100)),
        C => (2, (12, 70), (12, 70)),
    };
    Ladder { categorie, femmes, metier: Metier::Courant, groupes, ifse, cia, grades }
}

const fn with(metier: Metier, ladder: Ladder) -> Ladder {
    let groupes = match metier {
        Metier::Courant | Metier::Soin => ladder.groupes,
        _ => 0,
    };
    Ladder { metier, groupes, ..ladder }
}

/// A ladder whose ceilings are lower than those of the category.
const fn capped(groupes: u32, ladder: Ladder) -> Ladder {
    match ladder.categorie {
        A => Ladder { groupes, ifse: (75, 200), cia: (75, 150), ..ladder },
        _ => Ladder { groupes, ..ladder },
    }
}

use Categorie::{A, B, C};

pub(super) const ADMINISTRATIF_C: Ladder = ladder(
    C,
    84,
    &[
        grade("adjoint administratif", 11),
        grade("adjoint administratif principal de 2e classe", 12),
        grade("adjoint administratif principal de 1re classe", 10),
    ],
);
pub(super) const TECHNIQUE_C: Ladder = ladder(
    C,
    41,
    &[
        grade("adjoint technique", 11),
        grade("adjoint technique principal de 2e classe", 12),
        grade("adjoint technique principal de 1re classe", 10),
    ],
);
pub(super) const COLLEGES_C: Ladder = ladder(
    C,
    58,
    &[
        grade("adjoint technique des établissements d'enseignement", 11),
        grade("adjoint technique principal de 2e classe des établissements d'enseignement", 12),
        grade("adjoint technique principal de 1re classe des établissements d'enseignement", 10),
    ],
);
pub(super) const MAITRISE_C: Ladder =
    ladder(C, 14, &[grade("agent de maîtrise", 13), grade("agent de maîtrise principal", 10)]);
pub(super) const ECOLES_C: Ladder = ladder(
    C,
    98,
    &[grade("ATSEM principal de 2e classe", 12), grade("ATSEM principal de 1re classe", 10)],
);
pub(super) const ANIMATION_C: Ladder = ladder(
    C,
    72,
    &[
        grade("adjoint d'animation", 11),
        grade("adjoint d'animation principal de 2e classe", 12),
        grade("adjoint d'animation principal de 1re classe", 10),
    ],
);
pub(super) const PATRIMOINE_C: Ladder = ladder(
    C,
    74,
    &[
        grade("adjoint du patrimoine", 11),
        grade("adjoint du patrimoine principal de 2e classe", 12),
        grade("adjoint du patrimoine principal de 1re classe", 10),
    ],
);
pub(super) const SOCIAL_C: Ladder = ladder(
    C,
    95,
    &[
        grade("agent social", 11),
        grade("agent social principal de 2e classe", 12),
        grade("agent social principal de 1re classe", 10),
    ],
);
pub(super) const POLICE_C: Ladder = with(
    Metier::Police,
    ladder(C, 24, &[grade("gardien-brigadier", 12), grade("brigadier-chef principal", 10)]),
);
pub(super) const ADMINISTRATIF_B: Ladder = ladder(
    B,
    83,
    &[
        grade("rédacteur", 13),
        grade("rédacteur principal de 2e classe", 12),
        grade("rédacteur principal de 1re classe", 11),
    ],
);
pub(super) const TECHNIQUE_B: Ladder = ladder(
    B,
    23,
    &[
        grade("technicien", 13),
        grade("technicien principal de 2e classe", 12),
        grade("technicien principal de 1re classe", 11),
    ],
);
pub(super) const ANIMATION_B: Ladder =
    ladder(B, 60, &[grade("animateur", 13), grade("animateur principal de 2e classe", 12)]);
pub(super) const SPORT_B: Ladder = ladder(
    B,
    29,
    &[grade("éducateur des APS", 13), grade("éducateur des APS principal de 2e classe", 12)],
);
pub(super) const ENSEIGNEMENT_B: Ladder = with(
    Metier::Enseignement,
    ladder(
        B,
        53,
        &[
            grade("assistant d'enseignement artistique", 13),
            grade("assistant d'enseignement artistique principal de 2e classe", 12),
            grade("assistant d'enseignement artistique principal de 1re classe", 11),
        ],
    ),
);
pub(super) const PUERICULTURE_B: Ladder = with(
    Metier::Soin,
    capped(
        2,
        ladder(
            B,
            98,
            &[
                grade("auxiliaire de puériculture de classe normale", 11),
                grade("auxiliaire de puériculture de classe supérieure", 11),
            ],
        ),
    ),
);
pub(super) const AIDE_SOIGNANT_B: Ladder = with(
    Metier::Soin,
    capped(
        2,
        ladder(
            B,
            91,
            &[
                grade("aide-soignant de classe normale", 11),
                grade("aide-soignant de classe supérieure", 11),
            ],
        ),
    ),
);
pub(super) const ADMINISTRATIF_A: Ladder =
    ladder(A, 63, &[grade("attaché", 11), grade("attaché principal", 10)]);
pub(super) const TECHNIQUE_A: Ladder =
    ladder(A, 34, &[grade("ingénieur", 10), grade("ingénieur principal", 9)]);
pub(super) const BIBLIOTHEQUE_A: Ladder = ladder(A, 78, &[grade("bibliothécaire", 11)]);
pub(super) const JEUNES_ENFANTS_A: Ladder = capped(
    3,
    ladder(
        A,
        97,
        &[
            grade("éducateur de jeunes enfants (grade unique)", 14),
            grade("éducateur de jeunes enfants de classe exceptionnelle", 11),
        ],
    ),
);
pub(super) const SOCIAL_A: Ladder = capped(
    2,
    ladder(
        A,
        91,
        &[
            grade("assistant socio-éducatif (grade unique)", 14),
            grade("assistant socio-éducatif de classe exceptionnelle", 11),
        ],
    ),
);
pub(super) const INFIRMIER_A: Ladder = with(
    Metier::Soin,
    capped(
        2,
        ladder(
            A,
            88,
            &[
                grade("infirmier en soins généraux", 11),
                grade("infirmier en soins généraux hors classe", 11),
            ],
        ),
    ),
);
pub(super) const POMPIERS_C: Ladder = with(
    Metier::Pompier,
    ladder(C, 6, &[grade("sapeur", 11), grade("caporal", 12), grade("caporal-chef", 10)]),
);
pub(super) const POMPIERS_B: Ladder = with(
    Metier::Pompier,
    ladder(
        B,
        5,
        &[
            grade("lieutenant de 2e classe", 13),
            grade("lieutenant de 1re classe", 12),
            grade("lieutenant hors classe", 11),
        ],
    ),
);

/// Grades whose grid the rules know from January 2024 only, with the index of each échelon then.
const FROM_2024: &[(&str, &[u32])] = &[
    ("attaché", &[395, 415, 435, 455, 485, 518, 550, 580, 610, 645, 678]),
    ("attaché principal", &[505, 540, 580, 610, 655, 695, 735, 773, 811, 826]),
    ("bibliothécaire", &[395, 415, 435, 455, 485, 518, 550, 580, 610, 645, 678]),
    (
        "auxiliaire de puériculture de classe normale",
        &[373, 375, 377, 388, 401, 414, 429, 444, 461, 485, 517],
    ),
    (
        "auxiliaire de puériculture de classe supérieure",
        &[387, 399, 411, 424, 442, 460, 486, 499, 519, 539, 560],
    ),
    ("brigadier-chef principal", &[373, 376, 382, 396, 415, 426, 437, 456, 484, 508]),
];

impl Grade {
    /// The index of an échelon just before 2024-01-01, when everyone was given five points, for a
    /// grade whose grid is not known then; 0 for the others.
    pub(super) fn indice_2023(self, echelon: u32) -> u32 {
        let found = FROM_2024.iter().find(|(nom, _)| *nom == self.nom);
        let place = usize::try_from(echelon.saturating_sub(1)).unwrap_or(0);
        found.and_then(|(_, indices)| indices.get(place)).map_or(0, |indice| indice - 5)
    }
}

/// How often each ladder is met with one kind of employer.
pub(super) type Mix = &'static [(u32, Ladder)];

/// Communes and their groupings.
pub(super) const GENERAL: Mix = &[
    (140, ADMINISTRATIF_C),
    (330, TECHNIQUE_C),
    (45, MAITRISE_C),
    (70, ECOLES_C),
    (90, ANIMATION_C),
    (25, PATRIMOINE_C),
    (30, SOCIAL_C),
    (20, POLICE_C),
    (60, ADMINISTRATIF_B),
    (32, TECHNIQUE_B),
    (14, ANIMATION_B),
    (10, SPORT_B),
    (18, ENSEIGNEMENT_B),
    (16, PUERICULTURE_B),
    (54, ADMINISTRATIF_A),
    (22, TECHNIQUE_A),
    (4, BIBLIOTHEQUE_A),
    (12, JEUNES_ENFANTS_A),
    (5, SOCIAL_A),
    (3, INFIRMIER_A),
];

/// Social and medico-social establishments.
pub(super) const SOCIAL: Mix = &[
    (90, ADMINISTRATIF_C),
    (160, TECHNIQUE_C),
    (380, SOCIAL_C),
    (30, ANIMATION_C),
    (30, ADMINISTRATIF_B),
    (120, AIDE_SOIGNANT_B),
    (50, PUERICULTURE_B),
    (40, ADMINISTRATIF_A),
    (40, SOCIAL_A),
    (30, JEUNES_ENFANTS_A),
    (30, INFIRMIER_A),
];

/// Waste, water, schools: workshops more than offices.
pub(super) const WORKS: Mix = &[
    (120, ADMINISTRATIF_C),
    (560, TECHNIQUE_C),
    (90, MAITRISE_C),
    (60, ADMINISTRATIF_B),
    (80, TECHNIQUE_B),
    (45, ADMINISTRATIF_A),
    (45, TECHNIQUE_A),
];

/// Centres de gestion: offices.
pub(super) const OFFICE: Mix = &[
    (330, ADMINISTRATIF_C),
    (40, TECHNIQUE_C),
    (270, ADMINISTRATIF_B),
    (40, TECHNIQUE_B),
    (250, ADMINISTRATIF_A),
    (30, TECHNIQUE_A),
    (40, INFIRMIER_A),
];

/// Départements: roads, collèges, social action.
pub(super) const DEPARTEMENT: Mix = &[
    (160, ADMINISTRATIF_C),
    (200, TECHNIQUE_C),
    (280, COLLEGES_C),
    (40, MAITRISE_C),
    (90, ADMINISTRATIF_B),
    (60, TECHNIQUE_B),
    (60, ADMINISTRATIF_A),
    (20, TECHNIQUE_A),
    (75, SOCIAL_A),
    (15, INFIRMIER_A),
];

/// Fire services: those who go out, and the offices and workshops behind them.
pub(super) const SECOURS: Mix = &[
    (650, POMPIERS_C),
    (90, POMPIERS_B),
    (90, ADMINISTRATIF_C),
    (60, TECHNIQUE_C),
    (50, ADMINISTRATIF_B),
    (30, TECHNIQUE_B),
    (30, ADMINISTRATIF_A),
];
