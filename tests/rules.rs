//! The shipped rules: they check without error, and what they hold is on record.

#![expect(clippy::panic, reason = "a test that cannot go on stops")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::check::{self, CheckedRuleBook, Node, NodeKind};
use paie::coverage::{self, GridState};
use paie::diag::{self, Code, Diagnostic, Format, Severity};
use paie::program::Target;
use paie::rules::{self, Book, Confiance, GridError, Publication, RappelMode, Timeline, Version};
use paie::source::SourceMap;
use paie::{load, program};

/// The rules on disk, checked and proved, with what was found.
fn shipped() -> (CheckedRuleBook, SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let disk = load::DiskFiles::new("rules");
    let (files, mut found) = load::load(&disk, "rules/", &mut sources);
    let book = rules::resolve(&sources, &files, &mut found);
    let checked = book.and_then(|book| check::check(book, &mut found));
    if let Some(checked) = &checked {
        found.extend(program::prove(checked));
    }
    diag::sort(&mut found);
    let checked = checked
        .unwrap_or_else(|| panic!("{}", diag::render(&found, &sources, Format::Full, false)));
    (checked, sources, found)
}

/// One version of anything, and what it is a version of.
struct Dated {
    of: String,
    depuis: Day,
    publie: Publication,
    confiance: Confiance,
    cited: usize,
}

fn dated<T>(of: &str, timeline: &Timeline<T>, out: &mut Vec<Dated>) {
    out.extend(timeline.versions().iter().map(|version: &Version<T>| Dated {
        of: of.to_owned(),
        depuis: version.depuis,
        publie: version.publie,
        confiance: version.confiance,
        cited: version.textes.len(),
    }));
}

/// Every version of the book, kind by kind.
fn versions(book: &Book<Node>) -> Vec<(&'static str, Vec<Dated>)> {
    let mut kinds: Vec<(&'static str, Vec<Dated>)> =
        ["parametres", "baremes", "tables", "grilles", "rubriques et grandeurs", "cotisations"]
            .map(|kind| (kind, Vec::new()))
            .into();
    let [(_, parametres), (_, baremes), (_, tables), (_, grilles), (_, items), (_, cotisations)] =
        kinds.as_mut_slice()
    else {
        unreachable!()
    };
    book.parametres.iter().for_each(|p| dated(&p.nom, &p.valeurs, parametres));
    book.baremes.iter().for_each(|b| dated(&b.nom, &b.tranches, baremes));
    book.tables.values().for_each(|t| dated(&t.nom, &t.versions, tables));
    book.grids.grids.iter().for_each(|g| dated(&g.nom, &g.versions, grilles));
    for item in &book.items {
        let cotisation = matches!(item.kind, rules::ItemKind::Cotisation { .. });
        let out = if cotisation { &mut *cotisations } else { &mut *items };
        dated(&item.nom, &item.versions, out);
        dated(&format!("{}.agent", item.nom), &item.agent, out);
        dated(&format!("{}.employeur", item.nom), &item.employeur, out);
    }
    kinds
}

#[test]
fn the_shipped_rules_check_and_prove_without_error() {
    let (_, sources, found) = shipped();
    let errors: Vec<Diagnostic> =
        found.into_iter().filter(|finding| finding.severity() == Severity::Error).collect();
    assert!(errors.is_empty(), "{}", diag::render(&errors, &sources, Format::Full, false));
}

#[test]
fn the_coverage_is_on_record() {
    let (checked, _, found) = shipped();
    let book = checked.book();
    let coverage = checked.coverage();
    let mut text = format!(
        "édition {}, de {} à {}, vérifié le {}\n\n",
        coverage.edition, coverage.premier, coverage.dernier, coverage.verifie
    );
    let lines = book.items.iter().filter(|item| item.printed()).count();
    let gaps: usize = book.grids.grids.iter().map(|grid| grid.trous.len()).sum();
    for (count, what) in [
        (book.textes.len(), "textes"),
        (book.textes.values().filter(|texte| !texte.url.is_empty()).count(), "textes avec adresse"),
        (book.parametres.len(), "paramètres"),
        (book.baremes.len(), "barèmes"),
        (book.tables.len(), "tables"),
        (book.grids.grids.len(), "grilles"),
        (gaps, "trous déclarés de grilles"),
        (book.grids.grades.len(), "grades"),
        (book.entrees.len(), "entrées"),
        (book.familles.len(), "familles"),
        (lines, "lignes de paie"),
        (book.items.len() - lines, "grandeurs"),
    ] {
        _ = writeln!(text, "{count:>6}  {what}");
    }
    text.push_str("\nversions                   total   haute moyenne   basse\n");
    let kinds = versions(book);
    for (kind, list) in &kinds {
        let sure = |confiance| list.iter().filter(|v| v.confiance == confiance).count();
        let [high, middle, low] =
            [Confiance::Haute, Confiance::Moyenne, Confiance::Basse].map(sure);
        _ = writeln!(text, "{kind:<24} {:>7} {high:>7} {middle:>7} {low:>7}", list.len());
    }
    text.push_str("\nfindings\n");
    let mut codes: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in &found {
        *codes.entry(finding.code).or_default() += 1;
    }
    for (code, count) in codes {
        _ = writeln!(text, "{count:>6}  {code}  {}", code.title());
    }
    insta::assert_snapshot!("coverage", text);
}

/// Days and first letters of confidences: `2024-01-01 h/h/m/h` is the definition, the side of the
/// agent, of the employer, and the least sure of the values read.
#[test]
fn what_is_covered_is_on_record() {
    let (checked, _, _) = shipped();
    let report = coverage::report(&checked, coverage::Scope::default());
    let month = |day: Option<Day>| day.map_or("…".to_owned(), |day| day.to_string());
    let letter = |sure: Option<Confiance>| sure.map_or("-", |sure| &sure.name()[..1]);
    let mut text = String::new();
    for line in &report.lines {
        _ = write!(text, "{}", line.nom);
        for period in &line.periods {
            let sides = [Some(period.definition), period.agent, period.employeur, period.valeurs];
            let letters = sides.map(letter).join("/");
            _ = write!(text, " | {} {letters}", month(period.days.first));
        }
        let last = line.periods.last().and_then(|period| period.days.last);
        _ = writeln!(text, "{}", last.map_or(String::new(), |day| format!(" | fin {day}")));
    }
    text.push('\n');
    for grid in &report.grids {
        _ = write!(text, "{} ({})", grid.nom, grid.grades.len());
        for period in &grid.periods {
            let first = month(period.days.first);
            _ = match &period.state {
                GridState::Known { confiance, echelons, .. } => {
                    write!(text, " | {first} {}{echelons}", letter(Some(*confiance)))
                }
                GridState::Gap(Some(_)) => write!(text, " | {first} lacune"),
                GridState::Gap(None) => write!(text, " | {first} rien"),
                GridState::Ended(grade) => write!(text, " | {first} devient {grade}"),
            };
        }
        for found in &grid.restagings {
            _ = write!(text, " | reclassement {}", found.depuis);
        }
        text.push('\n');
    }
    insta::assert_snapshot!("covered", text);
}

#[test]
fn what_is_not_sure_is_on_record() {
    let (checked, _, found) = shipped();
    let kinds = versions(checked.book());
    let all = || kinds.iter().flat_map(|(_, list)| list);
    let mut text = String::from("sans source (textes = manquant)\n");
    for version in all().filter(|version| version.cited == 0) {
        _ = writeln!(text, "  {} depuis {}", version.of, version.depuis);
    }
    text.push_str("\nconfiance basse\n");
    for version in all().filter(|version| version.confiance == Confiance::Basse) {
        _ = writeln!(text, "  {} depuis {}", version.of, version.depuis);
    }
    text.push_str("\nvérifiés il y a plus d'un an, ou lus par rien\n");
    for finding in &found {
        if matches!(finding.code, Code::W901 | Code::W902 | Code::L010) {
            _ = writeln!(text, "  {} {}", finding.code, finding.message);
        }
    }
    let unknown = all().filter(|version| version.publie == Publication::Inconnue).count();
    _ = writeln!(text, "\n{unknown} versions dont la publication n'est pas connue");
    insta::assert_snapshot!("not_sure", text);
}

/// The forms that the address of a text has, each with the letters its identifier begins with.
const ADDRESSES: [(&str, &str); 4] = [
    ("https://www.legifrance.gouv.fr/loda/id/", "JORFTEXT"),
    ("https://www.legifrance.gouv.fr/loda/id/", "LEGITEXT"),
    ("https://www.legifrance.gouv.fr/jorf/id/", "JORFTEXT"),
    ("https://www.legifrance.gouv.fr/codes/texte_lc/", "LEGITEXT"),
];

/// The identifier in an address, when the address has one of the forms.
fn identifier(url: &str) -> Option<&str> {
    ADDRESSES.iter().find_map(|(form, letters)| {
        let id = url.strip_prefix(form)?;
        let number = id.strip_prefix(letters)?;
        let whole = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
        whole.then_some(id)
    })
}

#[test]
fn every_address_of_a_text_has_a_known_form_and_is_of_that_text_alone() {
    let (checked, _, _) = shipped();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for texte in checked.book().textes.values().filter(|texte| !texte.url.is_empty()) {
        let (key, url) = (texte.key.as_str(), texte.url.as_str());
        let id = identifier(url).unwrap_or_else(|| panic!("`{key}`: {url}"));
        assert_eq!(url.contains("/codes/"), key.starts_with("code-"), "`{key}`: {url}");
        if let Some(first) = owners.insert(id, key) {
            panic!("`{first}` and `{key}` have the same address, {id}");
        }
    }
    assert!(!owners.is_empty(), "no text has an address");
}

/// Since 2008 the register numbers what is published as it comes: an identifier out of the order of
/// the days is of another text.
#[test]
fn an_identifier_is_as_recent_as_the_day_of_its_text() {
    const FIRST: u64 = 17_000_000;
    let (checked, _, _) = shipped();
    let mut days: BTreeMap<Day, Vec<(u64, &str)>> = BTreeMap::new();
    for texte in checked.book().textes.values() {
        let number = identifier(&texte.url).and_then(|id| id.strip_prefix("JORFTEXT"));
        let number = number.and_then(|number| number.parse().ok()).unwrap_or(0);
        if let Publication::Le(day) = texte.publie
            && number >= FIRST
        {
            days.entry(day).or_default().push((number, &texte.key));
        }
    }
    assert!(days.len() > 40, "{} days only", days.len());
    let mut last = (0, "");
    for (day, texts) in days {
        let (Some(&low), Some(&high)) = (texts.iter().min(), texts.iter().max()) else { continue };
        assert!(low > last, "{day}: `{}` is numbered before `{}`", low.1, last.1);
        last = high;
    }
}

#[test]
fn every_parametre_says_when_it_was_verified() {
    let (checked, _, _) = shipped();
    let never = checked.book().parametres.iter().filter(|p| p.verifie.is_none());
    let never: Vec<&str> = never.map(|parametre| parametre.nom.as_str()).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn every_index_of_a_grid_is_the_one_of_the_bareme() {
    let (checked, _, _) = shipped();
    let book = checked.book();
    let bareme = &book.tables["bareme_ib_im"];
    let (mut wrong, mut compared, mut unknown) = (Vec::new(), 0, String::new());
    let mut alone: BTreeMap<(&String, Day), usize> = BTreeMap::new();
    for grid in &book.grids.grids {
        for version in grid.versions.versions() {
            for step in &version.value {
                // Letter groups have their own table, and no index in the grid.
                if step.ib.starts_with("HE") {
                    assert_eq!(step.im, None, "{} {} {}", grid.nom, version.depuis, step.ib);
                    continue;
                }
                let found = bareme.lookup(&step.ib, version.depuis, KnownOn::Everything);
                let (nom, depuis) = (&grid.nom, version.depuis);
                match (found, step.im) {
                    (Some((expected, _)), Some(im)) if expected == im.to_string() => compared += 1,
                    (Some((expected, _)), Some(im)) => wrong.push(format!(
                        "{nom} {depuis} échelon {}: ib {} gives {expected}, not {im}",
                        step.echelon, step.ib
                    )),
                    // The reader of careers asks the bareme.
                    (Some(_), None) => compared += 1,
                    (None, Some(im)) => {
                        _ = writeln!(unknown, "  {nom} {depuis}: ib {} gives {im}", step.ib);
                    }
                    (None, None) => *alone.entry((nom, depuis)).or_insert(0) += 1,
                }
            }
        }
    }
    for ((nom, depuis), count) in alone {
        _ = writeln!(unknown, "  {nom} {depuis}: {count} ib without an index");
    }
    assert!(wrong.is_empty(), "{} of {compared}: {wrong:#?}", wrong.len());
    let text = format!("{compared} indices compared\nnot in the bareme of their day:\n{unknown}");
    insta::assert_snapshot!("indices", text);
}

#[test]
fn what_a_grid_does_not_know_is_refused_with_the_nearest_days() {
    let (checked, _, _) = shipped();
    let grids = &checked.book().grids;
    let day = |text: &str| Day::parse(text).unwrap();
    let ask = |grade: &str, echelon: &str, on: &str| {
        grids.echelon(grade, echelon, day(on), KnownOn::Everything).map(|(step, _)| step.ib.clone())
    };
    let c2 = "adjoint technique principal de 2e classe";
    let GridError::Absent { motif: Some(_), before, after, .. } =
        ask(c2, "4", "2019-06-15").unwrap_err()
    else {
        panic!("the gap of 2019 is declared")
    };
    assert_eq!(before, Some((day("2017-01-01"), day("2018-12-31"))));
    assert_eq!(after, Some(day("2020-01-01")));
    let GridError::Absent { motif: None, before: None, after: Some(_), .. } =
        ask("rédacteur", "4", "2012-06-15").unwrap_err()
    else {
        panic!("no version so early")
    };
    let GridError::Echelon { motif: Some(_), .. } =
        ask("agent de maîtrise", "3", "2021-06-01").unwrap_err()
    else {
        panic!("the échelons nobody saw are declared")
    };
    assert_eq!(ask("agent de maîtrise", "6", "2021-06-01").unwrap(), "415");
    let GridError::Remplace(chain) =
        ask("assistant socio-éducatif", "4", "2026-01-01").unwrap_err()
    else {
        panic!("the grade is no more")
    };
    let days: Vec<String> = chain.iter().map(|(day, _)| day.to_string()).collect();
    assert_eq!(days, ["2019-02-01", "2021-01-01"]);
    assert_eq!(chain[1].1, "assistant socio-éducatif (grade unique)");
}

#[test]
fn a_grade_without_a_version_names_its_neighbours() {
    let (checked, _, _) = shipped();
    let grids = &checked.book().grids;
    let on = Day::parse("2026-10-01").unwrap();
    for grade in grids.grades.values() {
        let Err(error) = grids.echelon(&grade.nom, "1", on, KnownOn::Everything) else { continue };
        let GridError::Absent { motif, before, after, voisins } = error else { continue };
        // Refused by name: a reason is always given.
        assert!(motif.is_some() || before.is_some(), "{}", grade.nom);
        assert_eq!(after, None, "{}: a version to come", grade.nom);
        let wrong = voisins.iter().find(|near| grids.grade(near).unwrap().cadre != grade.cadre);
        assert_eq!(wrong, None, "{}", grade.nom);
    }
}

#[test]
fn every_reclassement_is_on_the_day_of_a_version_or_ends_a_grade() {
    let (checked, _, _) = shipped();
    for grid in &checked.book().grids.grids {
        for found in grid.reclassements.versions() {
            let starts = grid.versions.versions().iter().any(|v| v.depuis == found.depuis);
            // Before the first version, or in a gap, there is nothing to compare with.
            let known = grid.in_force(found.depuis, KnownOn::Everything).is_ok();
            let (nom, depuis) = (&grid.nom, found.depuis);
            assert!(starts || !known || found.value.vers.is_some(), "{nom} {depuis}");
        }
    }
}

#[test]
fn every_pas_bareme_has_twenty_brackets() {
    let (checked, _, _) = shipped();
    let pas = checked.book().baremes.iter().filter(|bareme| bareme.nom.starts_with("pas_"));
    let mut seen = 0;
    for bareme in pas {
        for version in bareme.tranches.versions() {
            let brackets = &version.value;
            assert_eq!(brackets.len(), 20, "{} {}", bareme.nom, version.depuis);
            let taux: Vec<i64> = brackets.iter().map(|bracket| bracket.taux).collect();
            assert!(taux.is_sorted(), "{} {}", bareme.nom, version.depuis);
            let ends = (taux[0], taux[19] * 100);
            assert_eq!(ends, (0, 43 * rules::Tranche::UNITE), "{} {}", bareme.nom, version.depuis);
            seen += 1;
        }
    }
    assert_eq!(seen, 24, "three zones, eight barèmes each");
}

#[test]
fn the_employer_rate_of_the_cnracl_follows_its_decrees() {
    let (checked, _, _) = shipped();
    let (_, cnracl) = checked.book().item("CNRACL").unwrap();
    let rate = |version: &Version<rules::SideRate<Node>>| {
        let NodeKind::Number(value) = &version.value.taux.tree.kind else { panic!("a formula") };
        (version.depuis.to_string(), version.publie, value.to_string())
    };
    let timeline: Vec<_> = cnracl.employeur.versions().iter().map(rate).collect();
    let published = |text| Publication::Le(Day::parse(text).unwrap());
    for (depuis, publie, taux) in [
        ("2024-01-01", "2024-01-31", "0.3165"),
        ("2025-01-01", "2025-01-31", "0.3465"),
        ("2026-01-01", "2025-01-31", "0.3765"),
    ] {
        let expected = (depuis.to_owned(), published(publie), taux.to_owned());
        assert!(timeline.contains(&expected), "{expected:?} in {timeline:#?}");
    }
    // The rate of 2025 was not known when January 2025 was paid.
    let january = Day::parse("2025-01-25").unwrap();
    let paid = cnracl.employeur.in_force(january, KnownOn::Day(january)).unwrap();
    assert_eq!(rate(paid).2, "0.3165");
}

/// A premium that a local layer puts in the family of the RAFP counts in its yearly total.
#[test]
fn a_local_premium_counts_in_the_yearly_total_of_the_rafp() {
    let local = "[[rubrique]]\ncode = \"PRIME_LOCALE\"\nlibelle = \"p\"\nnature = \"gain\"\n\
                 familles = [\"brut\", \"rafp\"]\ncalcul = \"element\"\nsegments = \"dernier\"\n\
                 [[rubrique.version]]\ndepuis = 2024-01-01\npublie = \"inconnue\"\n\
                 textes = [\"manquant\"]\nformule = \"element.montant\"\n";
    let mut sources = SourceMap::default();
    let disk = load::DiskFiles::new("rules");
    let (mut files, mut found) = load::load(&disk, "rules/", &mut sources);
    let layer = load::MemoryFiles::from([("prime.toml", local)]);
    let (more, notes) = load::load(&layer, "local/", &mut sources);
    files.extend(more);
    found.extend(notes);
    let book = rules::resolve(&sources, &files, &mut found).expect("a book");
    let checked = check::check(book, &mut found).expect("a sound book");
    let target = program::Target {
        period: PayPeriod::parse("2026-10").unwrap(),
        known_on: KnownOn::Everything,
        au_dela: false,
    };
    let program = program::compile(&checked, target).unwrap();
    let (id, _) = checked.book().item("PRIME_LOCALE").expect("the premium");
    let kept = program.layout.cumuls.iter().any(|(item, _, _)| *item == id);
    assert!(kept, "its yearly total is read");
}

/// Gains shared out by presence that no absence reduces, each with its reason.
const NOT_REDUCED: &[(&str, &str)] =
    &[("INDEM_ELU", "an indemnity of function: a mandate is not interrupted by a leave")];

#[test]
fn every_gain_that_follows_presence_says_what_absences_do_to_it() {
    let (checked, _, _) = shipped();
    let book = checked.book();
    let mut silent = Vec::new();
    for item in &book.items {
        let shared = item.segments == rules::Segments::Prorata
            && matches!(item.portee, rules::Portee::Segment | rules::Portee::Element);
        let gain = item.printed() && item.nature() == rules::Nature::Gain;
        if gain && shared && item.absences.is_none() {
            silent.push(item.code.as_str());
        }
    }
    let known: Vec<&str> = NOT_REDUCED.iter().map(|(code, _)| *code).collect();
    assert_eq!(silent, known, "name a rate with `absences`, or say here why none applies");
}

#[test]
fn the_tables_of_absences_and_the_inputs_agree() {
    let (checked, _, _) = shipped();
    let book = checked.book();
    let words = |nom: &str| -> Vec<&str> {
        let entree = book.entrees.iter().find(|entree| entree.nom == nom);
        match entree.map(|entree| &entree.kind) {
            Some(rules::EntreeType::Enumeration(words)) => {
                words.iter().map(String::as_str).collect()
            }
            _ => panic!("`{nom}` is not an enumeration"),
        }
    };
    fn sorted<'a>(list: &[&'a str]) -> Vec<&'a str> {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    }
    let day = checked.coverage().dernier.last_day();
    let keys = |nom: &str| -> Vec<&str> {
        let table = book.tables.get(nom).unwrap_or_else(|| panic!("no table `{nom}`"));
        table.rows("", day, KnownOn::Everything).map(|(key, _)| key).collect()
    };
    let (natures, motifs) = (keys("natures_absence"), keys("motifs_absence"));
    assert_eq!(sorted(&natures), sorted(&words("absence.nature")));
    assert_eq!(sorted(&motifs), sorted(&words("absence.motif")));
    let Some(droits) = book.tables.get("droits_absence") else { panic!("no table of rights") };
    for version in droits.versions.versions() {
        for (key, row) in droits.rows("", version.depuis, KnownOn::Everything) {
            let nature = key.split('|').next().unwrap_or("");
            assert!(natures.contains(&nature), "{key}");
            for column in ["motif_1", "motif_2"] {
                let motif = row.get(column);
                assert!(motif.is_empty() || motifs.contains(&motif), "{key}: {motif}");
            }
            let after = row.get("ensuite");
            assert!(["", "epuise"].contains(&after) || motifs.contains(&after), "{key}: {after}");
            for column in ["duree_1", "duree_2"] {
                let words: Vec<&str> = row.get(column).split(' ').collect();
                let units = ["jours", "mois", "an", "ans"];
                let read = matches!(
                    words[..],
                    [n, u] if n.parse::<u32>().is_ok() && units.contains(&u)
                );
                assert!(read || row.get(column).is_empty(), "{key}: {column}");
            }
        }
    }
    let given = |nature: &&&str| {
        droits.rows(&format!("{nature}|"), day, KnownOn::Everything).next().is_some()
    };
    assert_eq!(natures.iter().filter(|n| !given(n)).count(), 0, "a nature without rights");
}

/// The mode of a rappel is that of the month in which it is paid.
#[test]
fn each_line_says_what_a_rappel_does_with_it() {
    let (book, ..) = shipped();
    let info = |month: &str, nom: &str| {
        let Ok(period) = PayPeriod::parse(month) else { panic!("{month}") };
        let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
        let Ok(program) = program::compile(&book, target) else { panic!("{month}") };
        let info = program.items.iter().find(|info| info.nom == nom);
        let Some(info) = info else { panic!("{nom}") };
        (info.rappel, info.rappel_paiement.clone())
    };
    let mode = |month: &str, nom: &str| info(month, nom).0;
    // The CNRACL takes the rate of the month of the right since January 2019.
    assert_eq!(mode("2018-12", "CNRACL"), RappelMode::Paiement);
    assert_eq!(mode("2019-01", "CNRACL"), RappelMode::Origine);
    // Repealed in 2018: its last rule still says it.
    assert_eq!(mode("2026-10", "SOLIDARITE"), RappelMode::Paiement);
    // A rubrique follows its nature, unless it says otherwise.
    assert_eq!(mode("2026-10", "TIB"), RappelMode::Origine);
    assert_eq!(mode("2026-10", "TRANSPORT"), RappelMode::Origine);
    assert_eq!(mode("2026-10", "PAS"), RappelMode::Paiement);
    assert_eq!(mode("2026-10", "NET_A_PAYER"), RappelMode::Paiement);
    assert_eq!(mode("2026-10", "REPORT_TROP_PERCU"), RappelMode::Paiement);
    let (mode, statuts) = info("2026-10", "VIEILLESSE_PLAFONNEE");
    assert_eq!(mode, RappelMode::Annee);
    assert!(statuts.iter().any(|statut| statut == "contractuel"), "{statuts:?}");
    assert!(!statuts.iter().any(|statut| statut == "titulaire"), "{statuts:?}");
}
