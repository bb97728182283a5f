//! What people decided or labelled as something to learn from and to be measured by, and links of which only the best
//! counts.

use trommel_matching::{FileTable, FilesOutput, MatchOutput, Standing, auto_labelled, preview, run_labelled, run_standing, truth};
use trommel_model::{
    Cancel, Code, LabelReport, MatchDecision, MatchSpec, Measure, Outcome, Pairs, ProgressSlot, RecordKey, Scoring, Verdict,
};

use crate::support::{compare, groups, model, resolve, rule, table};

/// Families: two rows of one name and street, born on one day where the number is even; and as many lone rows.
const FAMILIES: usize = 300;
const DECIDED: usize = 60;

fn families() -> String {
    let mut lines = vec!["id|name|street|born".to_owned()];
    for family in 0..FAMILIES {
        let other = if family % 2 == 0 { family } else { family + 5_000 };
        lines.push(format!("a{family:03}|n{family}|s{family}|d{family}"));
        lines.push(format!("b{family:03}|n{family}|s{family}|d{other}"));
        lines.push(format!("c{family:03}|m{family}|t{family}|e{family}"));
    }
    lines.join("\n")
}

fn spec(score: Scoring) -> MatchSpec {
    let mut spec = model(0.0);
    spec.score = score;
    spec.blocking = vec![rule(&["name"])];
    spec.comparisons = ["name", "street", "born"].map(|column| compare(column, Measure::Exact, 1.0)).to_vec();
    spec
}

fn decisions(families: std::ops::Range<usize>) -> Standing {
    let record = |letter: char, family: usize| RecordKey { source: String::new(), id: format!("{letter}{family:03}") };
    let decide = |family: usize| MatchDecision {
        left: record('a', family),
        right: record('b', family),
        verdict: if family.is_multiple_of(2) { Verdict::Together } else { Verdict::Apart },
        who: "ada".into(),
        why: "father and son".into(),
    };
    Standing { decisions: families.map(decide).collect(), ..Standing::default() }
}

fn decided(score: Scoring, families: std::ops::Range<usize>) -> MatchOutput {
    let standing = decisions(families);
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    run_standing(&spec(score), &[table(&self::families())], &standing, 2, &cancel, &progress).unwrap().0
}

/// Families that nobody decided about and that are one: of those born on one day, and of the others.
fn together(output: &MatchOutput) -> [usize; 2] {
    let groups = groups(output);
    let one = |family: usize| groups.contains(&vec![format!("/a{family:03}"), format!("/b{family:03}")]);
    [0, 1].map(|odd| (DECIDED..FAMILIES).filter(|family| family % 2 == odd && one(*family)).count())
}

#[test]
fn what_people_decide_teaches_what_they_did_not_decide() {
    let undecided = (FAMILIES - DECIDED) / 2;
    assert_eq!(together(&decided(Scoring::FellegiSunter, 0..DECIDED)), [undecided; 2], "name and street outweigh the day");
    assert_eq!(together(&decided(Scoring::Logistic, 0..0)), [undecided; 2], "without decisions nothing is corrected");
    assert_eq!(together(&decided(Scoring::Logistic, 0..DECIDED)), [undecided, 0]);
    assert_eq!(together(&decided(Scoring::Logistic, 1..2)), [undecided; 2], "one decision is not enough");
}

#[test]
fn of_several_links_only_the_best_counts() {
    let input = table("id|source|name|city\n1|p|abcdefgh|x\n2|q|abcdefgh|x\n3|p|abcdefxy|x\n4|q|abcdefxy|x\n5|q|abcdefg|x");
    let mut spec = model(0.7);
    spec.source = Some("source".into());
    spec.pairs = Pairs::Across;
    spec.blocking = vec![rule(&["city"])];
    spec.comparisons = vec![compare("name", Measure::Levenshtein, 1.0)];
    let all = ["p/1", "p/3", "q/2", "q/4", "q/5"].map(str::to_owned).to_vec();
    assert_eq!(groups(&resolve(&spec, std::slice::from_ref(&input)).unwrap()), [all]);
    spec.best_link = true;
    // The fifth row has no better link than to the first, which has one; but it is the best of its own.
    assert_eq!(groups(&resolve(&spec, &[input]).unwrap()), [vec!["p/1", "q/2", "q/5"], vec!["p/3", "q/4"]]);
}

#[test]
fn decisions_are_what_a_match_is_measured_by_when_nothing_else_is() {
    let look = |standing: &Standing| {
        let input = [table(&families())];
        preview(&spec(Scoring::FellegiSunter), &input, standing, None, 2, &Cancel::new(), &ProgressSlot::new()).unwrap()
    };
    let seen = look(&decisions(0..DECIDED));
    assert_eq!((seen.decided_pairs, seen.labelled, seen.measured_of().as_deref()), (Some(60), None, Some("60 decided pairs")));
    // Without the decisions all families are one, and half of them should not be.
    let measured = seen.steps[seen.chosen].measured.unwrap();
    assert_eq!((measured.precision, measured.recall), (0.5, 1.0));
    assert!(seen.notes.iter().any(|note| note.contains("60 decided pairs") && note.contains("no random sample")), "{:?}", seen.notes);
    let none = look(&Standing::default());
    assert_eq!((none.decided_pairs, none.steps[none.chosen].measured), (None, None));
}

/// Labels as lines of a table.
fn labelled(spec: &MatchSpec, labels: &str) -> Outcome<FilesOutput> {
    let people = FileTable::of("people.csv", &[table(&families())]).unwrap();
    run_labelled(vec![people], spec, Some(&[table(labels)]), 2, &Cancel::new(), &ProgressSlot::new())
}

/// Rows of each family stand one behind the other: the first two are one where the number is even.
fn by_row(families: std::ops::Range<usize>) -> String {
    let lines = families.map(|f| format!("{}|{}|{}", 3 * f + 1, 3 * f + 2, if f % 2 == 0 { "yes" } else { "no" }));
    std::iter::once("row|other_row|same".to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

fn for_files(score: Scoring) -> MatchSpec {
    MatchSpec { from: String::new(), id: String::new(), ..spec(score) }
}

#[test]
fn labels_choose_the_threshold_and_teach_the_weights() {
    let entities = |found: &FilesOutput| found.report.entities as usize;
    let report = |found: &FilesOutput| -> LabelReport { found.report.labels.clone().unwrap() };
    let found = labelled(&for_files(Scoring::FellegiSunter), &by_row(0..DECIDED)).unwrap();
    let labels = report(&found);
    assert_eq!((labels.pairs, labels.same), (60, 30));
    let scores = labels.scores.unwrap();
    assert!(scores.chosen && scores.as_good.0 < scores.best && scores.best <= scores.as_good.1, "{scores:?}");
    assert_eq!(scores.held_out.map(|q| q.f1()), Some(1.0));
    assert_eq!((labels.entities.precision, labels.entities.recall), (1.0, 1.0));
    // A pair born on one day weighs more than one that is not, so a threshold parts all of them.
    assert_eq!(entities(&found), 3 * FAMILIES - FAMILIES / 2);
    assert_eq!(found.report.trained.unwrap().threshold, scores.best);

    let taught = labelled(&for_files(Scoring::Logistic), &by_row(0..DECIDED)).unwrap();
    assert_eq!(entities(&taught), 3 * FAMILIES - FAMILIES / 2);
    let named = MatchSpec { threshold: 0.5, ..for_files(Scoring::FellegiSunter) };
    let kept = labelled(&named, &by_row(0..DECIDED)).unwrap();
    assert!(!report(&kept).scores.unwrap().chosen && kept.report.trained.unwrap().threshold == 0.5);
    let mean = MatchSpec { threshold: 0.9, ..for_files(Scoring::WeightedMean) };
    let mean = report(&labelled(&mean, &by_row(0..DECIDED)).unwrap());
    assert_eq!((mean.scores, mean.entities.f1()), (None, 1.0));
}

#[test]
fn labels_name_rows_by_number_or_by_id() {
    let by_id = MatchSpec { id: "id".into(), ..for_files(Scoring::FellegiSunter) };
    for (spec, labels) in [
        (&by_id, "id|other_id|same\na000|b000|true\na001|b001|false\na001|b001|no"),
        (&by_id, "left_id|right_id|same\na000|b000|y\na001|b001|n"),
        (&by_id, "row|other_row|same\n1|2|1\n4|5|0"),
        (&for_files(Scoring::FellegiSunter), "file|row|file_2|row_2|same\npeople.csv|1|people.csv|2|YES\npeople.csv|4|people.csv|5|No"),
    ] {
        let labels = labelled(spec, labels).unwrap().report.labels.unwrap();
        assert_eq!((labels.pairs, labels.same), (2, 1));
    }
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let people = FileTable::of("people.csv", &[table(&families())]).unwrap();
    let (proposal, found) = auto_labelled(vec![people], Some(&[table(&by_row(0..DECIDED))]), 2, &cancel, &progress).unwrap();
    assert_eq!((proposal.spec.score, found.report.labels.unwrap().pairs), (Scoring::Logistic, 60));
    let input = [table(&families())];
    let pairs = truth(&spec(Scoring::FellegiSunter), &input, &[table("id|other_id|same\na000|b000|yes\na001|b001|no")]).unwrap();
    let seen = preview(&spec(Scoring::FellegiSunter), &input, &Standing::default(), Some(&pairs), 2, &cancel, &progress).unwrap();
    assert_eq!(
        (seen.measured_of().as_deref(), seen.steps[seen.chosen].measured.map(|q| q.precision)),
        (Some("2 labelled pairs"), Some(0.5))
    );
}

#[test]
fn labels_that_cannot_be_are_refused_by_their_number() {
    let by_id = MatchSpec { id: "id".into(), ..for_files(Scoring::FellegiSunter) };
    for (spec, labels, words) in [
        (&by_id, "id|other_id|same\na000|zzz|yes", &["label 1", "zzz", "no row", "by id"][..]),
        (&by_id, "row|other_row|same\n1|2|yes\n1|901|no", &["label 2", "901", "there are 900 in all"]),
        (&by_id, "file|row|other_file|other_row|same\npeople.csv|1|peple.csv|2|yes", &["peple.csv:2", "did you mean \"people.csv\"?"]),
        (&by_id, "row|other_row|same\n7|7|yes", &["label 1", "itself"]),
        (&by_id, "row|other_row|same\n1|2|perhaps", &["same of label 1 is \"perhaps\"", "yes or no"]),
        (&by_id, "row|other_row|same\n1|2|", &["same of label 1 is empty"]),
        (&by_id, "row|same\n1|yes", &["do not name two rows", "row, other_row and same"]),
        (&by_id, "row|other_row|sam\n1|2|yes", &["no column \"same\"", "did you mean \"sam\"?"]),
        (&by_id, "row|other_row|same\n1|2|yes\n2|1|no", &["contradict", "1 and 2 are one", "2 and 1 are not one"]),
        (&by_id, "row|other_row|same\n1|2|yes\n2|3|yes\n3|1|no", &["contradict", "1 and 2 are one", "2 and 3 are one"]),
        (&by_id, "row|other_row|same", &["no labels"]),
    ] {
        let problem = labelled(spec, labels).unwrap_err();
        let said = format!("{problem} {:?} {:?}", problem.why, problem.next);
        assert_eq!(problem.code, Code::BadLabels, "{said}");
        for word in words {
            assert!(said.replace("\\\"", "\"").contains(word), "\"{word}\" is missing in: {said}");
        }
    }
}
