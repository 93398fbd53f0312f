//! What must hold of any book and any dossier, and of the national rules.
//!
//! Numbers are those of the list in the architecture. A failure prints its seed; `PAIE_SEED` and
//! `PAIE_CASES` choose others.

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

use paie::calendar::{Day, KnownOn, PayPeriod, Span30, ThirtiethMethod, thirtieths};
use paie::check::{CheckedRuleBook, NodeKind};
use paie::diag::Code;
use paie::engine::{Dossier, Engine, FaultKind, Payslip, SegmentInput};
use paie::num::Fixed;
use paie::program::{AMOUNT_LIMIT, Program};
use paie::rules::Nature;
use paie::source::{FileId, SourceMap, Span};
use paie::syntax::{BinaryOp, CompareOp, Expr, ExprKind, parse_formula, print};

use oracle::harness::{
    cases, checked, compiled, first_seed, generated, national, one_file, target,
};
use oracle::random::{self, Random};

/// A generated book that the check accepts.
fn accepted(seed: u64) -> Option<(String, CheckedRuleBook)> {
    let text = random::book(seed, 1 + (seed % 4) as usize);
    match checked(&generated(&text)) {
        Ok(book) => Some((text, book)),
        Err((codes, _)) if codes.iter().all(|code| *code == Code::S402) => None,
        Err((_, findings)) => panic!("seed {seed}: the generator is wrong\n{findings}\n{text}"),
    }
}

fn run(program: &Program, dossier: &Dossier) -> Payslip {
    let mut payslip = Payslip::default();
    Engine::new(program).run(dossier, &mut payslip);
    payslip
}

fn dossiers(seed: u64, book: &CheckedRuleBook, program: &Program, count: usize) -> Vec<Dossier> {
    let mut random = Random(seed);
    (0..count).map(|_| random::dossier(&mut random, book, program)).collect()
}

/// 1. A checked book raises only the closed list of faults, each about something real.
#[test]
fn soundness() {
    for seed in first_seed()..first_seed() + cases(150) {
        let Some((text, book)) = accepted(seed) else { continue };
        for item in &book.book().items {
            for version in item.versions.versions() {
                version.value.formule.tree.walk(&mut |node| {
                    assert!(!matches!(node.kind, NodeKind::Hole), "seed {seed}\n{text}");
                });
            }
        }
        let program = compiled(&book, target("2025-03", KnownOn::Everything)).unwrap();
        for dossier in dossiers(seed, &book, &program, 5) {
            let payslip = run(&program, &dossier);
            sound(seed, &book, &program, &payslip);
        }
    }
}

fn sound(seed: u64, book: &CheckedRuleBook, program: &Program, payslip: &Payslip) {
    for fault in &payslip.faults {
        match fault.kind {
            FaultKind::Missing(slot) => {
                let layout = &program.layout;
                let scopes = [
                    &layout.employeur,
                    &layout.mois,
                    &layout.segment,
                    &layout.element,
                    &layout.absence,
                ];
                let mut inputs = scopes.into_iter().flatten();
                let input = inputs.find(|input| input.slot == slot).expect("an input");
                let entree = &book.book().entrees[input.entree.index()];
                assert!(!entree.obligatoire && entree.defaut.is_none(), "seed {seed}");
            }
            FaultKind::Depends(item) => {
                assert!(payslip.faults.iter().any(|other| other.item == item), "seed {seed}");
            }
            FaultKind::DivisionByZero | FaultKind::TooWide => {}
        }
        let same = |line: &&paie::engine::PayLine| {
            (line.item, line.element) == (fault.item, fault.element)
        };
        assert_eq!(payslip.lines.iter().find(same), None, "seed {seed}: {fault:?} has a line");
    }
    for line in &payslip.lines {
        let amounts = [line.montant_agent, line.montant_employeur];
        assert!(amounts.iter().any(Option::is_some), "seed {seed}: {line:?}");
        let fits = |cents: i64| i128::from(cents).abs() < AMOUNT_LIMIT;
        assert!(amounts.into_iter().flatten().all(fits), "seed {seed}: {line:?}");
    }
}

/// 4. A payslip does not depend on the ones computed before it.
#[test]
fn order_of_agents() {
    let national = national();
    for seed in first_seed()..first_seed() + cases(120) {
        let Some((_, book)) = accepted(seed) else { continue };
        let program = compiled(&book, target("2025-02", KnownOn::Everything)).unwrap();
        same_in_any_order(seed, &program, &dossiers(seed, &book, &program, 6));
    }
    let program = compiled(&national, target("2025-02", KnownOn::Everything)).unwrap();
    for seed in first_seed()..first_seed() + cases(50) {
        same_in_any_order(seed, &program, &dossiers(seed, &national, &program, 6));
    }
}

fn same_in_any_order(seed: u64, program: &Program, dossiers: &[Dossier]) {
    let alone: Vec<Payslip> = dossiers.iter().map(|dossier| run(program, dossier)).collect();
    let mut engine = Engine::new(program);
    let mut payslip = Payslip::default();
    let forth = dossiers.iter().zip(&alone);
    let back = dossiers.iter().zip(&alone).rev();
    for (dossier, alone) in forth.chain(back) {
        engine.run(dossier, &mut payslip);
        assert_eq!(&payslip, alone, "seed {seed}");
    }
}

/// 5. Reading what was printed gives the same tree.
#[test]
fn parse_print() {
    let mut sources = SourceMap::default();
    let file = sources.add("f", "");
    for seed in first_seed()..first_seed() + cases(3_000) {
        let tree = expr(&mut Random(seed), file, 6);
        let text = print(&tree);
        let mut findings = Vec::new();
        let again = parse_formula(&text, file, 0, &mut findings);
        assert!(findings.is_empty(), "seed {seed}: {text}: {findings:?}");
        assert!(same(&tree, &again), "seed {seed}: {text} became {}", print(&again));
        assert_eq!(print(&again), text, "seed {seed}");
    }
}

const BINARY: [BinaryOp; 6] =
    [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div, BinaryOp::And, BinaryOp::Or];
const COMPARE: [CompareOp; 6] =
    [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];
const NAMES: [&str; 7] =
    ["TIB", "agent.statut", "CNRACL.base", "point_indice", "x", "sinon_rien", "étape_2"];

/// Any tree that a text can mean, typed or not.
fn expr(random: &mut Random, file: FileId, depth: usize) -> Expr {
    let leaf = |random: &mut Random| match random.below(5) {
        0 => ExprKind::Bool(random.chance(50)),
        1 | 2 => {
            let scale = random.below(10) as u8;
            ExprKind::Number(Fixed::new(random.range(0, 10_i64.pow(12)), scale))
        }
        _ => ExprKind::Name((*random.pick(&NAMES)).to_owned()),
    };
    let kind = if depth == 0 {
        leaf(random)
    } else {
        let below = |random: &mut Random| Box::new(expr(random, file, depth - 1));
        let many = |random: &mut Random| -> Vec<Expr> {
            (0..1 + random.below(3)).map(|_| expr(random, file, depth - 1)).collect()
        };
        match random.below(10) {
            0 => ExprKind::Negate(below(random)),
            1 => ExprKind::Not(below(random)),
            2..=4 => ExprKind::Binary(*random.pick(&BINARY), below(random), below(random)),
            5 => ExprKind::Compare(*random.pick(&COMPARE), below(random), below(random)),
            6 => ExprKind::In(below(random), many(random)),
            7 => ExprKind::If(below(random), below(random), below(random)),
            8 => ExprKind::Call((*random.pick(&["max", "arrondi", "f"])).to_owned(), many(random)),
            _ => leaf(random),
        }
    };
    Expr { kind, span: Span::new(file, 0..0) }
}

/// Whether two trees are the same, wherever they are written.
fn same(a: &Expr, b: &Expr) -> bool {
    let all =
        |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (&a.kind, &b.kind) {
        (ExprKind::Negate(a), ExprKind::Negate(b)) | (ExprKind::Not(a), ExprKind::Not(b)) => {
            same(a, b)
        }
        (ExprKind::Binary(x, a, b), ExprKind::Binary(y, c, d)) => {
            x == y && same(a, c) && same(b, d)
        }
        (ExprKind::Compare(x, a, b), ExprKind::Compare(y, c, d)) => {
            x == y && same(a, c) && same(b, d)
        }
        (ExprKind::In(a, x), ExprKind::In(b, y)) => same(a, b) && all(x, y),
        (ExprKind::If(a, b, c), ExprKind::If(d, e, f)) => same(a, d) && same(b, e) && same(c, f),
        (ExprKind::Call(a, x), ExprKind::Call(b, y)) => a == b && all(x, y),
        (a, b) => a == b,
    }
}

// --- 6. brackets --------------------------------------------------------------------------------

const DATES: &str = "depuis = 2020-01-01\npublie = \"inconnue\"\ntextes = [\"manquant\"]\n";

/// A book that pays `x` taxed by brackets, whole and bracket by bracket.
fn brackets(bounds: &[i64], rates: &[i64]) -> (CheckedRuleBook, Program) {
    let mut csv = String::from("borne,taux\n");
    let mut parts: Vec<String> = Vec::new();
    let mut text = format!(
        "[regles]\nedition = 1\npremier_mois = \"2025-01\"\ndernier_mois = \"2025-01\"\n\
         verifie = 2025-01-01\n\
         [[entree]]\nnom = \"famille.x\"\nlibelle = \"x\"\nportee = \"mois\"\ntype = \"nombre\"\n\
         unite = \"€\"\ndecimales = 2\nmin = \"-1000000\"\nmax = \"1000000\"\nobligatoire = true\n\
         [[bareme]]\nnom = \"bareme\"\nlibelle = \"b\"\nunite = \"€\"\n\
         [[bareme.version]]\n{DATES}fichier = \"2020-01-01.csv\"\n"
    );
    for (at, (bound, rate)) in bounds.iter().zip(rates).enumerate() {
        let (bound, rate) = (Fixed::new(*bound, 2), Fixed::new(*rate, 6));
        csv.push_str(&format!("{bound},{rate}\n"));
        text.push_str(&format!(
            "[[parametre]]\nnom = \"borne_{at}\"\nlibelle = \"b\"\nunite = \"€\"\n\
             [[parametre.version]]\n{DATES}valeur = \"{bound}\"\n"
        ));
        let top = if at + 1 < bounds.len() {
            format!("min(famille.x, borne_{})", at + 1)
        } else {
            "famille.x".to_owned()
        };
        parts.push(format!("max(0, {top} - borne_{at}) * {rate}"));
    }
    let sum = parts.join(" + ");
    for (code, formula) in [("ENTIER", "tranches(bareme, famille.x)"), ("PARTS", sum.as_str())] {
        // Amounts as fine as the rates: millionths of a cent, so that nothing is lost.
        text.push_str(&format!(
            "[[rubrique]]\ncode = \"{code}\"\nlibelle = \"l\"\nnature = \"total\"\n\
             calcul = \"mois\"\n[[rubrique.version]]\n{DATES}\
             formule = \"({formula}) * 1000000\"\n\
             arrondi = {{ au = \"0.01\", mode = \"demi_superieur\" }}\n"
        ));
    }
    let mut files = generated(&text);
    files.0.insert("r/2020-01-01.csv".to_owned(), csv);
    let book = checked(&files).unwrap_or_else(|(_, findings)| panic!("{findings}\n{text}"));
    let program = compiled(&book, target("2025-01", KnownOn::Everything)).unwrap();
    (book, program)
}

/// 6. Brackets are monotone and continuous, and the sum of their parts is the whole.
#[test]
fn brackets_are_smooth() {
    for seed in first_seed()..first_seed() + cases(40) {
        let mut random = Random(seed);
        let (mut bounds, mut rates) = (vec![0], vec![random.range(0, 600_000)]);
        for _ in 0..random.below(6) {
            bounds.push(bounds[bounds.len() - 1] + random.range(1, 3_000_000));
            rates.push(random.range(0, 600_000));
        }
        let (_, program) = brackets(&bounds, &rates);
        let tax = |x: i64| -> i64 {
            let mois = vec![i128::from(x)];
            let segments = vec![SegmentInput { thirtieths: 30, variant: 0, values: Vec::new() }];
            let payslip = run(&program, &Dossier { mois, segments, ..Dossier::default() });
            let [whole, parts] =
                ["ENTIER", "PARTS"].map(|nom| payslip.amount(program.item(nom).unwrap()));
            assert_eq!(whole, parts, "seed {seed}: {x} cents, {bounds:?} {rates:?}");
            whole
        };
        let mut points: Vec<i64> = (0..20).map(|_| random.range(-100_000, 20_000_000)).collect();
        for bound in &bounds {
            points.extend([bound - 1, *bound, bound + 1]);
        }
        points.sort_unstable();
        for pair in points.windows(2) {
            let (low, high) = (tax(pair[0]), tax(pair[1]));
            assert!(low <= high, "seed {seed}: not monotone at {pair:?}");
            // A step of one cent never costs more than the highest rate.
            let most = (pair[1] - pair[0]) * rates.iter().max().unwrap();
            assert!(high - low <= most, "seed {seed}: a jump at {pair:?}");
        }
    }
}

// --- 7. thirtieths ------------------------------------------------------------------------------

/// 7. The parts of a month add up, whatever the cuts.
#[test]
fn thirtieths_add_up() {
    for seed in first_seed()..first_seed() + cases(3_000) {
        let mut random = Random(seed);
        let month =
            PayPeriod::new(random.range(2020, 2030) as i32, random.range(1, 12) as u32).unwrap();
        let day = |d: i64| Day::new(month.year(), month.month(), d as u32).unwrap();
        let (mut spans, mut next) = (Vec::new(), random.range(1, 4));
        let gaps = random.chance(50);
        while next <= month.days() {
            let last = random.range(next, month.days());
            spans.push(Span30 { first: day(next), last: day(last) });
            next = last + 1 + if gaps { random.range(0, 5) } else { 0 };
        }
        for method in [ThirtiethMethod::JoursReels, ThirtiethMethod::Complement] {
            let shares = thirtieths(month, &spans, method);
            let total: i64 = shares.iter().sum();
            let worked: i64 = spans.iter().map(|span| span.days()).sum();
            assert_eq!(shares.len(), spans.len(), "seed {seed}");
            assert!(shares.iter().all(|share| (0..=30).contains(share)), "seed {seed}: {shares:?}");
            assert!(total <= 30 && total + 1 >= 0, "seed {seed}: {shares:?}");
            if worked == month.days() {
                assert_eq!(total, 30, "seed {seed}: {shares:?}");
            }
            if method == ThirtiethMethod::JoursReels && worked < month.days() {
                assert_eq!(total, worked.min(30), "seed {seed}: {shares:?}");
            }
        }
    }
}

/// 7. Cutting a segment in two that have the same inputs changes nothing.
#[test]
fn adjacent_equal_segments_are_one() {
    let national = national();
    for seed in first_seed()..first_seed() + cases(120) {
        let mut random = Random(seed);
        if let Some((_, book)) = accepted(seed) {
            let program = compiled(&book, target("2025-03", KnownOn::Everything)).unwrap();
            for dossier in dossiers(seed, &book, &program, 5) {
                cut_anywhere(&mut random, seed, &program, &dossier);
            }
        }
        let program = compiled(&national, target("2026-03", KnownOn::Everything)).unwrap();
        let dossier = random::national(&mut random, &national, &program);
        cut_anywhere(&mut random, seed, &program, &dossier);
    }
}

fn cut_anywhere(random: &mut Random, seed: u64, program: &Program, dossier: &Dossier) {
    let mut cut = dossier.clone();
    let at = random.below(cut.segments.len());
    let mut second = cut.segments[at].clone();
    second.thirtieths = random.range(0, second.thirtieths);
    cut.segments[at].thirtieths -= second.thirtieths;
    cut.segments.insert(at + 1, second);
    for element in &mut cut.elements {
        let below = element.active & ((1 << at) - 1);
        let here = element.active >> at & 1;
        element.active = below | here << at | (element.active >> at) << (at + 1);
        element.active |= here << at;
    }
    // Pieces of absences of the cut segment stay in its first part.
    for piece in cut.absences.iter_mut().filter(|piece| piece.segment > at) {
        piece.segment += 1;
    }
    let (whole, parts) = (run(program, dossier), run(program, &cut));
    assert_eq!(whole.lines, parts.lines, "seed {seed}: cut at {at}\n{dossier:#?}");
    assert_eq!(whole.kept, parts.kept, "seed {seed}: cut at {at}");
    let items = |payslip: &Payslip| {
        let mut items: Vec<_> = payslip.faults.iter().map(|f| (f.item, f.element)).collect();
        items.sort_unstable();
        items.dedup();
        items
    };
    assert_eq!(items(&whole), items(&parts), "seed {seed}: cut at {at}");
}

// --- 8. dates -----------------------------------------------------------------------------------

/// Adds a version to a parametre and to a rubrique of a generated book.
fn amended(random: &mut Random, text: &str, dates: &str) -> String {
    let mut text = text.to_owned();
    let nom = *random.pick(&["p_taux", "p_plafond", "p_forfait", "valeur_point"]);
    let start = text.find(&format!("nom = \"{nom}\"")).unwrap();
    let version = text[start..].find("[[parametre.version]]").unwrap() + start;
    text.insert_str(version, &format!("[[parametre.version]]\n{dates}valeur = \"77.7\"\n"));
    let blocks = ["[[rubrique]]", "[[grandeur]]", "[[cotisation]]"];
    let rubriques: Vec<usize> = text.match_indices(blocks[0]).map(|(at, _)| at).collect();
    if !rubriques.is_empty() {
        let at = *random.pick(&rubriques);
        let rest = at + 1;
        let ends = blocks.iter().filter_map(|block| text[rest..].find(block));
        let end = ends.min().map_or(text.len(), |end| rest + end);
        text.insert_str(
            end,
            &format!(
                "[[rubrique.version]]\n{dates}formule = \"0\"\n\
                 arrondi = {{ au = \"0.01\", mode = \"demi_superieur\" }}\n"
            ),
        );
    }
    text
}

/// 8. A later `depuis` changes no earlier month; a later `publie` no run known before it.
#[test]
fn later_versions_change_nothing_before() {
    let later = "depuis = 2025-03-05\npublie = 2024-01-02\ntextes = [\"manquant\"]\n";
    let hidden = "depuis = 2020-06-03\npublie = 2025-03-06\ntextes = [\"manquant\"]\n";
    let known = KnownOn::Day(Day::new(2025, 3, 5).unwrap());
    let (mut compared, mut changed) = (0, 0);
    for seed in first_seed()..first_seed() + cases(120) {
        let Some((text, before)) = accepted(seed) else { continue };
        let mut random = Random(seed);
        let mut compare = |random: &mut Random, dates: &str, months: &[(&str, KnownOn, bool)]| {
            let amended = amended(random, &text, dates);
            let Ok(after) = checked(&generated(&amended)) else { return };
            for &(month, known_on, equal) in months {
                let Ok(old) = compiled(&before, target(month, known_on)) else { continue };
                let Ok(new) = compiled(&after, target(month, known_on)) else { continue };
                let a = dossiers(seed, &before, &old, 3).into_iter().map(|d| run(&old, &d));
                let b = dossiers(seed, &after, &new, 3).into_iter().map(|d| run(&new, &d));
                let (a, b): (Vec<_>, Vec<_>) =
                    (a.map(|p| p.lines).collect(), b.map(|p| p.lines).collect());
                let digests = (old.digest(), new.digest());
                if equal {
                    assert_eq!(a, b, "seed {seed}, {month}\n{amended}");
                    assert_eq!(digests.0, digests.1, "seed {seed}, {month}\n{amended}");
                    compared += 1;
                } else if a != b {
                    assert_ne!(digests.0, digests.1, "seed {seed}, {month}\n{amended}");
                    changed += 1;
                }
            }
        };
        let all = KnownOn::Everything;
        let months = [("2025-01", all, true), ("2025-02", all, true), ("2025-04", all, false)];
        compare(&mut random, later, &months);
        let months = [("2025-01", known, true), ("2025-03", known, true), ("2025-03", all, false)];
        compare(&mut random, hidden, &months);
    }
    assert!(compared > 50 && changed > 20, "{compared} compared, {changed} changed");
}

// --- 9. totals ----------------------------------------------------------------------------------

/// 9. Totals of the national rules are sums of printed lines.
#[test]
fn totals_are_sums() {
    let book = national();
    let mut whole = 0;
    for month in ["2024-01", "2025-02", "2025-06", "2026-03", "2026-12"] {
        let program = compiled(&book, target(month, KnownOn::Everything)).unwrap();
        for seed in first_seed()..first_seed() + cases(300) {
            let dossier = random::national(&mut Random(seed), &book, &program);
            let payslip = run(&program, &dossier);
            if payslip.faults.is_empty() && dossier.forced.is_empty() {
                totals(seed, month, &book, &program, &payslip);
                whole += 1;
            }
        }
    }
    assert!(whole > 300, "only {whole} payslips without fault");
}

fn totals(seed: u64, month: &str, book: &CheckedRuleBook, program: &Program, payslip: &Payslip) {
    let of = |nature: Nature| -> i64 {
        let lines = payslip.lines.iter().filter(|line| program.items[line.item].nature == nature);
        lines.filter_map(|line| line.montant_agent).sum()
    };
    let amount = |nom: &str| payslip.amount(program.item(nom).unwrap());
    let employeur: i64 = payslip.lines.iter().filter_map(|line| line.montant_employeur).sum();
    let (gross, sides) = (of(Nature::Gain), of(Nature::Cotisation));
    let (frais, retenues, pas) = (of(Nature::NonSoumis), of(Nature::Retenue), amount("PAS"));
    let others = retenues - if nature(program, "PAS") == Nature::Retenue { pas } else { 0 };
    let family = |nom: &str| -> i64 {
        let lines = payslip.lines.iter().filter(|line| in_family(book, line.item, nom));
        lines.filter_map(|line| line.montant_agent).sum()
    };
    let deductibles = family("deductibles");
    let (exempt, in_kind) = (family("non_imposables"), family("avantages_nature"));
    let kept = |nom: &str| {
        let item = program.item(nom).unwrap();
        payslip.kept.iter().find(|(kept, _)| *kept == item).map_or(0, |kept| kept.1)
    };
    let exempt = exempt + kept("heures_exonerees") + kept("exoneration_impot_apprenti");
    for (nom, expected) in [
        ("BRUT", gross),
        ("NET_SOCIAL", gross - sides),
        ("NET_AVANT_IMPOT", gross - sides + frais - others - in_kind),
        ("NET_A_PAYER", gross - sides + frais - others - in_kind - pas),
        ("NET_IMPOSABLE", gross - deductibles - exempt),
        ("COUT_EMPLOYEUR", gross + employeur),
    ] {
        assert_eq!(amount(nom), expected, "seed {seed}, {month}: {nom}");
    }
}

fn nature(program: &Program, nom: &str) -> Nature {
    program.items[program.item(nom).unwrap()].nature
}

fn in_family(book: &CheckedRuleBook, item: usize, nom: &str) -> bool {
    let families = &book.book().items[item].familles;
    families.iter().any(|id| book.book().familles[id.index()].nom == nom)
}

/// A book of one file is enough for what needs no table.
#[test]
fn a_hole_never_passes_the_check() {
    let text = format!(
        "[regles]\nedition = 1\npremier_mois = \"2025-01\"\ndernier_mois = \"2025-01\"\n\
         verifie = 2025-01-01\n[[rubrique]]\ncode = \"A\"\nlibelle = \"a\"\nnature = \"total\"\n\
         calcul = \"mois\"\n[[rubrique.version]]\n{DATES}formule = \"cumul(RIEN)\"\n"
    );
    let (codes, _) = one_file(&text).unwrap_err();
    assert_eq!(codes, [Code::N101]);
}
