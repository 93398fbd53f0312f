//! Payslips of invented agents under the national rules.

use super::*;
use crate::dossier::sample::{Month, agent, agents, carriere, element, employeur};
use crate::engine::Engine;
use crate::num::{Amount, Fixed};

const PARAMETRES: [(&str, &str); 4] = [
    ("taux_atmp", "0.0164"),
    ("zone_ir", "zone_1"),
    ("taux_versement_mobilite", "0.02"),
    ("taux_cdg", "0.008"),
];

fn bulletin(month: &Month, employeur: &Employeur, agent: &AgentFacts) -> Bulletin {
    let prepared = month.prepared(employeur, agent);
    let mut payslip = Payslip::default();
    Engine::new(&month.program).run(&prepared.dossier, &mut payslip);
    let program = &month.program;
    let (prepared, payslip) = (&prepared, &payslip);
    Bulletin::new(&Faits { employeur, agent, prepared, program, payslip, remarques: None })
}

/// A permanent agent at 80 % with a premium under its own label.
fn adjoint() -> AgentFacts {
    let mut row = carriere("2020-01-01", 378, "80");
    row.nbi = 10;
    let mut facts = agent(vec![row], 2);
    let mut ifse = element("IFSE");
    ifse.montant = Fixed::parse("250.00").ok();
    ifse.libelle = Some("IFSE, régisseur".into());
    facts.elements.push(ifse);
    facts
}

#[test]
fn a_payslip_as_text() {
    let month = Month::national("2026-10");
    let shown = text(&bulletin(&month, &employeur(&PARAMETRES), &adjoint()));
    insta::assert_snapshot!(shown, @r"
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    BULLETIN DE PAIE — octobre 2026
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    Commune de Saint-Exemple                         │ Camille EXEMPLE
    SIRET 000 000 000 00000                          │ Agent A-000142, contrat 1
    1 place de la Mairie, 69000 Saint-Exemple        │ Titulaire, catégorie C, CNRACL
    APE 8411Z                                        │ Indice majoré 378, NBI 10
    URSSAF Rhône-Alpes                               │ Quotité 80 %, payée 6/7, résidence : zone 1
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Rubrique                                Nombre      Base Taux %   À payer À déduire Taux % Employeur
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Traitement indiciaire brut                                       1 594,98
    Nouvelle bonification indiciaire                                    42,20
    Indemnité de résidence                                              49,12
    Supplément familial de traitement                                   77,72
    Indemnité différentielle                                             5,32
    IFSE, régisseur                                                    214,29
    Transfert primes/points                                            -11,93
    TOTAL BRUT                                                       1 971,70
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Retraite CNRACL                                 1 594,98  11,10              177,04  37,65    600,51
    Retraite CNRACL sur la NBI                         42,20  11,10                4,68  37,65     15,89
    Allocation temporaire d'invalidité              1 594,98                              0,40      6,38
    Retraite additionnelle (RAFP)                     319,00   5,00               15,95   5,00     15,95
    Maladie, maternité, invalidité, décès           1 637,18                              9,88    161,75
    Contribution solidarité autonomie               1 637,18                              0,30      4,91
    Allocations familiales                          1 637,18                              5,25     85,95
    Fonds national d'aide au logement               1 637,18                              0,50      8,19
    Versement mobilité                              1 637,18                              2,00     32,74
    CNFPT                                           1 637,18                              0,90     14,73
    CNFPT, financement de l'apprentissage           1 637,18                              0,10      1,64
    Centre de gestion                               1 637,18                              0,80     13,10
    CSG déductible                                  1 937,20   6,80              131,73
    CSG non déductible                              1 937,20   2,40               46,49
    CRDS                                            1 937,20   0,50                9,69
    TOTAL DES COTISATIONS                                                        385,58           961,74
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Montant net social                                                                          1 586,12
    Net imposable                                                                               1 642,30
    Net à payer avant impôt sur le revenu                                                       1 586,12
    Impôt sur le revenu prélevé à la source au taux de 3,10 %                                      50,91
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    NET À PAYER                                                                               1 535,21 €
    Coût total pour l'employeur                                                               2 933,44 €
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Cumul 2026 (ce mois seul) : brut 1 971,70 € ; net imposable 1 642,30 € ; impôt 50,91 €
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    ");
}

#[test]
fn a_payslip_as_data() {
    let month = Month::national("2026-10");
    let found = bulletin(&month, &employeur(&PARAMETRES), &adjoint());
    let value: serde_json::Value = serde_json::from_str(&json(&found).unwrap()).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["lignes"][0]["rubrique"], "TIB");
    assert_eq!(value["lignes"][0]["montant_agent"], "1594.98");
    assert_eq!(value["situations"][0]["quotite_payee"], "6/7");
    insta::assert_snapshot!(format!("{:#}", value["totaux"]), @r#"
    {
      "brut": "1971.70",
      "cotisations_agent": "385.58",
      "cotisations_employeur": "961.74",
      "cout_employeur": "2933.44",
      "net_a_payer": "1535.21",
      "net_avant_impot": "1586.12",
      "net_imposable": "1642.30",
      "net_social": "1586.12",
      "pas": "50.91",
      "taux_pas": "0.031"
    }
    "#);
}

#[test]
fn a_change_beside_today() {
    let month = Month::national("2026-10");
    let employeur = employeur(&PARAMETRES);
    let mut facts = adjoint();
    let before = bulletin(&month, &employeur, &facts);
    facts.carrieres[0].indice_majore = Some(401);
    facts.carrieres[0].nbi = 0;
    let mut mutuelle = element("MUTUELLE");
    mutuelle.montant = Fixed::parse("35.00").ok();
    facts.elements.push(mutuelle);
    let after = bulletin(&month, &employeur, &facts);
    insta::assert_snapshot!(compare(&before, &after), @r"
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    SIMULATION — octobre 2026                                                                   A-000142
    ════════════════════════════════════════════════════════════════════════════════════════════════════
      indice majoré : 378 → 401
      NBI : 10 → 0
                                                                 Aujourd'hui        Simulé         Écart
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    ~ Traitement indiciaire brut                                    1 594,98      1 692,03        +97,05
    − Nouvelle bonification indiciaire                                 42,20                      -42,20
    ~ Indemnité de résidence                                           49,12         50,76         +1,64
    − Indemnité différentielle                                          5,32                       -5,32
    ~ Retraite CNRACL, agent (base 1 594,98 → 1 692,03)               177,04        187,82        +10,78
    ~ Retraite CNRACL, employeur                                      600,51        637,05        +36,54
    − Retraite CNRACL sur la NBI, agent                                 4,68                       -4,68
    − Retraite CNRACL sur la NBI, employeur                            15,89                      -15,89
    ~ Allocation temporaire d'invalidité, employeur                     6,38          6,77         +0,39
    ~ Retraite additionnelle (RAFP), agent (base 319,00 →              15,95         16,54         +0,59
    330,84)
    ~ Retraite additionnelle (RAFP), employeur                         15,95         16,54         +0,59
    ~ Maladie, maternité, invalidité, décès, employeur                161,75        167,17         +5,42
    ~ Contribution solidarité autonomie, employeur                      4,91          5,08         +0,17
    ~ Allocations familiales, employeur                                85,95         88,83         +2,88
    ~ Fonds national d'aide au logement, employeur                      8,19          8,46         +0,27
    ~ Versement mobilité, employeur                                    32,74         33,84         +1,10
    ~ CNFPT, employeur                                                 14,73         15,23         +0,50
    ~ CNFPT, financement de l'apprentissage, employeur                  1,64          1,69         +0,05
    ~ Centre de gestion, employeur                                     13,10         13,54         +0,44
    ~ CSG déductible, agent (base 1 937,20 → 1 987,47)                131,73        135,15         +3,42
    ~ CSG non déductible, agent (base 1 937,20 → 1 987,47)             46,49         47,70         +1,21
    ~ CRDS, agent (base 1 937,20 → 1 987,47)                            9,69          9,94         +0,25
    + Complémentaire santé ou prévoyance                                             35,00        +35,00
    ~ Impôt sur le revenu prélevé à la source (base 1 642,30 →         50,91         52,18         +1,27
    1 683,36)
      3 lignes sans changement
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    Total brut                                                      1 971,70      2 022,87        +51,17
    Cotisations de l'agent                                            385,58        397,15        +11,57
    Cotisations de l'employeur                                        961,74        994,20        +32,46
    Montant net social                                              1 586,12      1 625,72        +39,60
    Net imposable                                                   1 642,30      1 683,36        +41,06
    Net à payer avant impôt                                         1 586,12      1 590,72         +4,60
    Impôt prélevé à la source                                          50,91         52,18         +1,27
    NET À PAYER                                                     1 535,21      1 538,54         +3,33
    Coût pour l'employeur                                           2 933,44      3 017,07        +83,63
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    ");
    let same = diff(&before, &before);
    assert_eq!((same.lignes.len(), same.totaux.len()), (0, 0));
    assert_eq!(same.inchangees, before.lignes.len());
}

#[test]
fn what_blocks_is_never_hidden() {
    let month = Month::national("2026-10");
    let employeur = employeur(&[("zone_ir", "zone_1")]);
    let found = bulletin(&month, &employeur, &adjoint());
    assert!(!found.payable());
    let shown = text(&found);
    insta::assert_snapshot!(shown.lines().take(6).collect::<Vec<_>>().join("\n"), @r"
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    BULLETIN DE PAIE — octobre 2026                                                       *** BLOQUÉ ***
    ════════════════════════════════════════════════════════════════════════════════════════════════════
    BLOQUÉ : ce bulletin n'est pas payable en l'état.
      ✗ F801 `CDG` : il manque `employeur.taux_cdg`
      ✗ F801 `VERSEMENT_MOBILITE` : il manque `employeur.taux_versement_mobilite`
    ");
    assert!(shown.contains("NET À PAYER   (BLOQUÉ, non payable)"));
    assert_eq!(found.totaux.net_a_payer, None);
    // The caller may pass its own findings: they cannot make a blocked payslip payable.
    let facts = adjoint();
    let prepared = month.prepared(&employeur, &facts);
    let mut payslip = Payslip::default();
    Engine::new(&month.program).run(&prepared.dossier, &mut payslip);
    let faits = Faits {
        employeur: &employeur,
        agent: &facts,
        prepared: &prepared,
        program: &month.program,
        payslip: &payslip,
        remarques: Some(Vec::new()),
    };
    assert!(!Bulletin::new(&faits).payable());
}

#[test]
fn totals_are_sums_of_lines_and_rows_fit() {
    let month = Month::national("2026-10");
    for facts in agents("2026-10") {
        let found = bulletin(&month, &employeur(&PARAMETRES), &facts);
        for line in text(&found).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        let sum = |nature: &str| -> i64 {
            let lines = found.lignes.iter().filter(|line| line.nature == nature);
            lines.filter_map(|line| line.montant_agent).map(|cents| cents.0).sum()
        };
        let totaux = &found.totaux;
        assert_eq!(totaux.brut, Some(Cents(sum("gain"))));
        let net = sum("gain") + sum("non_soumis") - sum("retenue") - sum("cotisation");
        assert_eq!(totaux.net_a_payer, Some(Cents(net)));
    }
}

#[test]
fn earlier_months_count_since_january() {
    let month = Month::national("2026-10");
    let mut facts = adjoint();
    facts.cumuls.push(crate::domain::Cumul {
        siret: crate::domain::Siret::NONE,
        contrat: "1".into(),
        annee: 2026,
        rubrique: "BRUT".into(),
        montant: Some(Amount::from_cents(1_000_000)),
        base: None,
        montant_agent: None,
        montant_employeur: None,
        reference: facts.agent.reference,
    });
    let found = bulletin(&month, &employeur(&PARAMETRES), &facts);
    let brut = found.totaux.brut.map_or(0, |cents| cents.0);
    assert_eq!(found.cumuls.brut, Cents(1_000_000 + brut));
    assert!(found.cumuls.anterieurs_connus);
}
