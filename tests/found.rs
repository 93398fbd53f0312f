//! Books that once made the engine and the oracle differ, as small as they get.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops at the first surprise"
)]
#![allow(missing_docs, dead_code, reason = "a test; each test file uses a part of the oracle")]

mod oracle;

use paie::calendar::KnownOn;
use paie::engine::{Dossier, Engine, Payslip, SegmentInput};
use paie::program::{MISSING, Program};

use oracle::harness::{both, checked, compiled, differences, generated, target};

const DATES: &str = "depuis = 2020-01-01\npublie = \"inconnue\"\ntextes = [\"manquant\"]\n";
const CENT: &str = "arrondi = { au = \"0.01\", mode = \"demi_superieur\" }\n";

/// A book with two inputs of a segment (`agent.x` in €, optional; `agent.oui`), a ratio `agent.q`,
/// and the given blocks.
fn book(blocks: &str) -> String {
    let entree = |nom: &str, kind: &str| {
        format!("[[entree]]\nnom = \"{nom}\"\nlibelle = \"e\"\nportee = \"segment\"\n{kind}\n")
    };
    [
        "[regles]\nedition = 1\npremier_mois = \"2025-01\"\ndernier_mois = \"2025-03\"\n",
        "verifie = 2025-03-31\n",
        &entree("agent.x", "type = \"nombre\"\nunite = \"€\"\ndecimales = 2\nmax = \"1000\""),
        &entree("agent.oui", "type = \"booleen\"\nobligatoire = true"),
        &entree("agent.q", "type = \"ratio\"\nmax = \"1\"\nobligatoire = true"),
        &entree("agent.r", "type = \"ratio\"\nmax = \"1\"\nobligatoire = true"),
        "[[parametre]]\nnom = \"dix\"\nlibelle = \"d\"\nunite = \"€\"\n[[parametre.version]]\n",
        DATES,
        "valeur = \"10\"\n[[parametre]]\nnom = \"un_mois\"\nlibelle = \"d\"\nunite = \"mois\"\n",
        "[[parametre.version]]\n",
        DATES,
        "valeur = \"1\"\n",
        blocks,
    ]
    .concat()
}

fn quantity(nom: &str, calcul: &str, unite: &str, body: &str) -> String {
    format!(
        "[[grandeur]]\nnom = \"{nom}\"\nlibelle = \"g\"\nunite = \"{unite}\"\n\
         calcul = \"{calcul}\"\n[[grandeur.version]]\n{DATES}{body}\n"
    )
}

fn line(code: &str, calcul: &str, body: &str) -> String {
    format!(
        "[[rubrique]]\ncode = \"{code}\"\nlibelle = \"r\"\nnature = \"gain\"\n{calcul}\n\
         [[rubrique.version]]\n{DATES}{body}\n"
    )
}

const MONTH: &str = "calcul = \"mois\"";
const LAST: &str = "calcul = \"segment\"\nsegments = \"dernier\"";
const SHARED: &str = "calcul = \"segment\"\nsegments = \"prorata\"";

/// A segment: thirtieths, `agent.x` in cents, `agent.oui`, `agent.q`, `agent.r`.
type Segment = (i64, i128, bool, (i128, i128), (i128, i128));

const ONE: (i128, i128) = (1, 1);

/// Computes twice, and gives the program with the payslip of the engine.
fn agreed(text: &str, segments: &[Segment]) -> (Program, Payslip) {
    let book = checked(&generated(text)).unwrap_or_else(|(_, found)| panic!("{found}\n{text}"));
    let target = target("2025-02", KnownOn::Everything);
    let program = compiled(&book, target).unwrap();
    let segment = |&(thirtieths, x, oui, q, r): &Segment| {
        let values = vec![x, i128::from(oui), q.0, q.1, r.0, r.1];
        SegmentInput { thirtieths, variant: 0, values }
    };
    let segments = segments.iter().map(segment).collect();
    let dossier = Dossier { segments, ..Dossier::default() };
    let payslip = {
        let mut engine = Engine::new(&program);
        // Twice: an engine must not remember the agent before.
        both(&book, target, &program, &mut engine, &dossier);
        let both = both(&book, target, &program, &mut engine, &dossier);
        assert_eq!(differences(&book, &both), "", "{text}");
        both.payslip
    };
    (program, payslip)
}

fn amount(program: &Program, payslip: &Payslip, nom: &str) -> i64 {
    payslip.amount(program.item(nom).unwrap())
}

/// A quantity that only names an input set that input to zero when it did not apply.
#[test]
fn a_quantity_that_does_not_apply_leaves_its_input_alone() {
    let text = book(
        &[
            quantity("q1", "segment", "€", "applicable = \"agent.oui\"\nformule = \"agent.x\""),
            line("A", LAST, &format!("formule = \"agent.x + q1\"\n{CENT}")),
        ]
        .concat(),
    );
    let (program, payslip) = agreed(&text, &[(30, 12_345, false, ONE, ONE)]);
    assert_eq!(amount(&program, &payslip, "A"), 12_345);
}

/// The same with a constant: every rule that used it computed with zero, for every agent after.
#[test]
fn a_quantity_that_does_not_apply_leaves_constants_alone() {
    let text = book(
        &[
            quantity("q1", "mois", "€", "applicable = \"agent.oui\"\nformule = \"dix\""),
            line("A", MONTH, "formule = \"min(dix, agent.x)\""),
            line("B", MONTH, "formule = \"dix + q1\""),
        ]
        .concat(),
    );
    let (program, payslip) = agreed(&text, &[(30, 50_000, false, ONE, ONE)]);
    assert_eq!(amount(&program, &payslip, "A"), 1_000);
    assert_eq!(amount(&program, &payslip, "B"), 1_000);
}

/// The same with a line of the month: it was lost for the totals.
#[test]
fn a_quantity_that_does_not_apply_leaves_lines_alone() {
    let text = book(
        &[
            line("A", MONTH, "formule = \"agent.x\""),
            quantity("q1", "mois", "€", "applicable = \"agent.oui\"\nformule = \"A\""),
            line("B", MONTH, "formule = \"A + q1\""),
        ]
        .concat(),
    );
    let (program, payslip) = agreed(&text, &[(30, 700, false, ONE, ONE)]);
    assert_eq!(amount(&program, &payslip, "B"), 700);
}

/// A fault of a quantity gave its missing input the value zero for the rules after.
#[test]
fn a_missing_input_stays_missing() {
    let text = book(
        &[
            quantity("q1", "segment", "€", "formule = \"agent.x\""),
            line("A", LAST, "formule = \"agent.x\""),
            line("B", LAST, "formule = \"si present(agent.x) alors dix sinon 0\""),
            line("C", LAST, &format!("formule = \"q1\"\n{CENT}")),
        ]
        .concat(),
    );
    let (program, payslip) = agreed(&text, &[(30, MISSING, false, ONE, ONE)]);
    let faulted: Vec<&str> =
        payslip.faults.iter().map(|fault| program.items[fault.item].nom.as_str()).collect();
    assert_eq!(faulted, ["q1", "A", "C"]);
    assert_eq!(amount(&program, &payslip, "B"), 0);
}

/// A line without amount in one segment kept what the other segments gave.
#[test]
fn a_fault_in_one_segment_leaves_no_amount() {
    let text = book(&line("A", SHARED, &format!("formule = \"agent.x / un_mois\"\n{CENT}")));
    let segments = [(15, 10_000, true, ONE, ONE), (15, MISSING, true, ONE, ONE)];
    let (_, payslip) = agreed(&text, &segments);
    assert_eq!((payslip.lines.len(), payslip.faults.len()), (0, 1));
}

/// « Dernier » is the last segment: neither an earlier one that applied, nor an earlier fault.
#[test]
fn the_last_segment_is_the_last_one() {
    let text = book(&line("A", LAST, "applicable = \"agent.oui\"\nformule = \"agent.x\""));
    let (_, payslip) =
        agreed(&text, &[(10, 10_000, true, ONE, ONE), (20, 30_000, false, ONE, ONE)]);
    assert_eq!(payslip.lines, []);
    let (program, payslip) =
        agreed(&text, &[(10, MISSING, true, ONE, ONE), (20, 30_000, true, ONE, ONE)]);
    assert_eq!(amount(&program, &payslip, "A"), 30_000);
}

/// The month's sum of a quantity wrapped without a word when denominators were fine.
#[test]
fn a_quantity_too_fine_for_the_month_is_a_fault() {
    let text = book(
        &[
            quantity("q1", "segment", "", "formule = \"agent.q * agent.r\""),
            line("A", MONTH, &format!("formule = \"q1 * dix\"\n{CENT}")),
        ]
        .concat(),
    );
    let fine = |a, b| (15, 0, true, (1, a), (1, b));
    let (program, payslip) = agreed(&text, &[fine(999_983, 999_979), fine(999_961, 999_953)]);
    assert_eq!(payslip.lines, []);
    assert_eq!(program.items[payslip.faults[0].item].nom, "q1");
}

/// Whole cents that nothing rounds grew line after line beyond what was proved.
#[test]
fn a_chain_of_products_ends_in_a_fault() {
    let mut blocks = line("A0", MONTH, "formule = \"agent.x * 1000000000\"");
    for at in 1..6 {
        let body = format!("formule = \"A{} * 1000000000\"", at - 1);
        blocks.push_str(&line(&format!("A{at}"), MONTH, &body));
    }
    let (_, payslip) = agreed(&book(&blocks), &[(30, 100_000, true, ONE, ONE)]);
    assert_eq!(payslip.faults.len(), 6);
    assert_eq!(payslip.lines, []);
}

/// A line waited for what only an older version of its rule read.
#[test]
fn only_the_version_in_force_is_read() {
    let old = line("A", MONTH, "formule = \"q1\"").replace("2020-01-01", "2019-01-01");
    let text = book(
        &[
            quantity("q1", "mois", "€", "formule = \"agent.x\""),
            old,
            format!("[[rubrique.version]]\n{DATES}formule = \"dix\"\n"),
            line("B", MONTH, "formule = \"q1\""),
        ]
        .concat(),
    );
    let (program, payslip) = agreed(&text, &[(30, MISSING, true, ONE, ONE)]);
    assert_eq!(amount(&program, &payslip, "A"), 1_000);
    assert_eq!(payslip.faults.len(), 2);
}

/// Brackets that change during a month: segments after that day still read the old ones.
#[test]
fn brackets_change_within_a_month() {
    let bareme = format!(
        "[[bareme]]\nnom = \"grille\"\nlibelle = \"g\"\nunite = \"€\"\n\
         [[bareme.version]]\n{DATES}fichier = \"2020-01-01.csv\"\n[[bareme.version]]\n{}\
         fichier = \"2025-03-12.csv\"\n",
        DATES.replace("2020-01-01", "2025-03-12")
    );
    let body = format!("formule = \"tranches(grille, agent.x) / un_mois\"\n{CENT}");
    let text = book(&[bareme, line("A", SHARED, &body)].concat());
    let book = checked(&generated(&text)).unwrap_or_else(|(_, found)| panic!("{found}"));
    let target = target("2025-03", KnownOn::Everything);
    let program = compiled(&book, target).unwrap();
    assert_eq!(program.variants.len(), 2);
    let values = vec![50_000, 1, 1, 1, 1, 1];
    let segment = |variant| SegmentInput { thirtieths: 15, variant, values: values.clone() };
    let dossier = Dossier { segments: vec![segment(0), segment(1)], ..Dossier::default() };
    let both = both(&book, target, &program, &mut Engine::new(&program), &dossier);
    assert_eq!(differences(&book, &both), "");
    // Nothing until the 11th, then half of 2 % of 500 €.
    assert_eq!(amount(&program, &both.payslip, "A"), 500);
}

/// A digest did not see brackets, and saw the name of the month.
#[test]
fn the_digest_is_that_of_the_rules() {
    let book = oracle::harness::national();
    let digest = |month| {
        let program = compiled(&book, target(month, KnownOn::Everything)).unwrap();
        program.digest()
    };
    // The default grid of the tax withheld at source changed on 1 May, nothing else did.
    assert_ne!(digest("2026-04"), digest("2026-05"));
    assert_eq!(digest("2026-02"), digest("2026-03"));
}

/// A month in which nothing starts or ends, after another one, has the digest of the one before.
#[test]
fn nothing_changes_and_the_digest_stays() {
    let book = oracle::harness::national();
    let mut before: Option<Program> = None;
    let mut digests = std::collections::BTreeSet::new();
    for month in book.months() {
        let program = compiled(&book, target(&month.to_string(), KnownOn::Everything)).unwrap();
        if let Some(before) = &before
            && !book.changes_in(month)
            && !book.changes_in(before.period)
        {
            assert_eq!(before.digest(), program.digest(), "{month}");
        }
        digests.insert(program.digest());
        before = Some(program);
    }
    // Of 228 months.
    assert!((80..110).contains(&digests.len()), "{} digests", digests.len());
}

/// A book whose digest is taken: what an absence takes, a line of segments, one of the month that
/// reads a family and its total, a cotisation, a control.
fn paid() -> String {
    let family = "familles = [\"brut\"]\nabsences = \"retenue\"\nordre = 3";
    let blocks = [
        "[[famille]]\nnom = \"brut\"\nlibelle = \"b\"\n".to_owned(),
        quantity("retenue", "absence", "", "formule = \"0.5\""),
        quantity("reste", "mois", "€", "applicable = \"agent.oui\"\nformule = \"somme(brut)\""),
        line(
            "A",
            &format!("{SHARED}\n{family}"),
            &format!("applicable = \"agent.oui\"\nformule = \"dix * agent.q / un_mois\"\n{CENT}"),
        ),
        line(
            "B",
            MONTH,
            &format!("formule = \"reste + arrondi(cumul_somme(brut) * 0.25)\"\n{CENT}"),
        ),
        format!(
            "[[cotisation]]\ncode = \"C\"\nlibelle = \"c\"\norganisme = \"o\"\n\
             rappel = \"origine\"\n[[cotisation.version]]\n{DATES}assiette = \"somme(brut)\"\n\
             {CENT}[[cotisation.agent]]\n{DATES}taux = \"0.125\"\n"
        ),
        format!(
            "[[controle]]\nnom = \"d\"\nlibelle = \"d\"\ngravite = \"alerte\"\nmessage = \"m\"\n\
             remede = \"r\"\n[[controle.version]]\n{DATES}condition = \"A > 2 * dix\"\n"
        ),
    ];
    book(&blocks.concat())
}

fn digest_of(text: &str) -> String {
    let book = checked(&generated(text)).unwrap_or_else(|(_, found)| panic!("{found}\n{text}"));
    compiled(&book, target("2025-02", KnownOn::Everything)).unwrap().digest()
}

/// What pays moves the digest.
#[test]
fn the_digest_moves_with_what_pays() {
    let text = paid();
    let before = digest_of(&text);
    for (from, to) in [
        ("taux = \"0.125\"", "taux = \"0.126\""),
        ("valeur = \"10\"", "valeur = \"11\""),
        ("applicable = \"agent.oui\"\nformule = \"dix", "formule = \"dix"),
        ("\"agent.oui\"\nformule = \"dix", "\"non agent.oui\"\nformule = \"dix"),
        ("formule = \"dix * agent.q", "formule = \"dix * agent.r"),
        ("au = \"0.01\"", "au = \"0.05\""),
        ("demi_superieur", "troncature"),
        (
            "segments = \"prorata\"\nfamilles = [\"brut\"]\nabsences = \"retenue\"",
            "segments = \"prorata\"\nfamilles = [\"brut\"]",
        ),
        ("formule = \"0.5\"", "formule = \"0.25\""),
        ("nature = \"gain\"", "nature = \"non_soumis\""),
        ("rappel = \"origine\"", "rappel = \"annee\""),
        ("cumul_somme(brut) * 0.25", "cumul(A) * 0.2"),
        ("formule = \"reste + ", "formule = \"reste - "),
        ("condition = \"A > 2", "condition = \"A >= 2"),
        ("gravite = \"alerte\"", "gravite = \"bloquant\""),
        ("unite = \"€\"\ndecimales = 2", "unite = \"€\"\ndecimales = 1"),
        ("applicable = \"agent.oui\"\nformule = \"somme", "formule = \"somme"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        if from.contains("decimales") {
            // No formula reads that input: nothing that is computed has changed.
            assert_eq!(digest_of(&changed), before, "{from}");
        } else {
            assert_ne!(digest_of(&changed), before, "{from} → {to}");
        }
    }
}

/// What does not pay this month does not move it: labels, order, other months, and slots that
/// other items number otherwise.
#[test]
fn the_digest_does_not_move_with_the_rest() {
    let text = paid();
    let before = digest_of(&text);
    for (from, to) in [
        ("ordre = 3", "ordre = 9"),
        ("libelle = \"r\"", "libelle = \"autre\""),
        ("message = \"m\"", "message = \"autre\""),
        ("organisme = \"o\"", "organisme = \"autre\""),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(digest_of(&text.replace(from, to)), before, "{from}");
    }
    let march = |block: String| block.replace("2020-01-01", "2025-03-01");
    let family = "familles = [\"brut\"]\nrappel = \"origine\"";
    let added = [
        march(line("AVANT", &format!("{SHARED}\n{family}"), &format!("formule = \"dix\"\n{CENT}")))
            .replace("formule = \"dix\"", "formule = \"dix / un_mois\""),
        quantity("libre", "segment", "€", "formule = \"dix\"\nfin = 2024-12-31")
            .replace("calcul =", "zero_sans_regle = true\ncalcul ="),
        march(line("APRES", MONTH, &format!("formule = \"somme(brut) + libre\"\n{CENT}"))),
    ]
    .concat();
    // Declared before everything else, they take the first places and slots.
    let first = text.replacen("[[famille]]", &format!("{added}[[famille]]"), 1);
    assert_eq!(digest_of(&first), before);
    assert_eq!(digest_of(&format!("{text}{added}")), before);
    let february = added.replace("2025-03-01", "2025-02-01");
    assert_ne!(digest_of(&format!("{text}{february}")), before);
}

/// Tables, scalars and grades that the preparer reads have a digest of their own.
#[test]
fn the_digest_of_tables_is_that_of_what_is_in_force() {
    let table = |versions: &[(&str, &str)]| {
        let mut text = paid();
        text.push_str("[[table]]\nnom = \"zones\"\nlibelle = \"z\"\n");
        text.push_str("cles = [\"insee\"]\nvaleurs = [\"zone\"]\n");
        let mut files = Vec::new();
        for (depuis, rows) in versions {
            let dates = DATES.replace("2020-01-01", depuis);
            text.push_str(&format!("[[table.version]]\n{dates}fichier = \"{depuis}.csv\"\n"));
            files.push((format!("r/{depuis}.csv"), format!("insee,zone\n{rows}\n")));
        }
        let mut memory = generated(&text);
        memory.0.extend(files);
        memory
    };
    let digest = |memory: &paie::load::MemoryFiles, known_on| {
        let book = checked(memory).unwrap_or_else(|(_, found)| panic!("{found}"));
        book.tables_digest(target("2025-02", known_on).period, known_on)
    };
    let all = KnownOn::Everything;
    let before = digest(&table(&[("2020-01-01", "75056,1")]), all);
    assert_ne!(before, digest(&table(&[("2020-01-01", "75056,2")]), all));
    assert_ne!(
        before,
        digest(&table(&[("2020-01-01", "75056,1"), ("2025-02-15", "75056,2")]), all)
    );
    assert_eq!(
        before,
        digest(&table(&[("2020-01-01", "75056,1"), ("2025-03-01", "75056,2")]), all)
    );
    let edited = |from: &str, to: &str| {
        let mut memory = table(&[("2020-01-01", "75056,1")]);
        let text = memory.0.get_mut("r/regles.toml").unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        digest(&memory, all)
    };
    assert_ne!(before, edited("valeur = \"10\"", "valeur = \"11\""));
    assert_ne!(before, edited("type = \"booleen\"\n", "type = \"booleen\"\ndefaut = \"oui\"\n"));
    assert_eq!(before, edited("libelle = \"z\"", "libelle = \"autre\""));
    assert_eq!(before, edited("taux = \"0.125\"", "taux = \"0.25\""));
    // A version published in March is not known in February.
    let published = table(&[("2020-01-01", "75056,1")]);
    let mut corrected = published.clone();
    let text = corrected.0.get_mut("r/regles.toml").unwrap();
    let version = DATES.replace("\"inconnue\"", "2025-03-05").replace("2020-01-01", "2025-02-01");
    text.push_str(&format!("[[table.version]]\n{version}fichier = \"2025-02-01.csv\"\n"));
    corrected.0.insert("r/2025-02-01.csv".to_owned(), "insee,zone\n75056,3\n".to_owned());
    let february = KnownOn::Day(paie::calendar::Day::new(2025, 2, 1).unwrap());
    assert_eq!(digest(&published, february), digest(&corrected, february));
    assert_ne!(before, digest(&corrected, all));
}
