//! What people decided as labels to learn from, and links of which only the best counts.

use trommel_matching::{MatchOutput, Standing, run_standing};
use trommel_model::{Cancel, MatchDecision, MatchSpec, Measure, Pairs, ProgressSlot, RecordKey, Scoring, Verdict};

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

fn decided(score: Scoring, families: std::ops::Range<usize>) -> MatchOutput {
    let record = |letter: char, family: usize| RecordKey { source: String::new(), id: format!("{letter}{family:03}") };
    let decide = |family: usize| MatchDecision {
        left: record('a', family),
        right: record('b', family),
        verdict: if family.is_multiple_of(2) { Verdict::Together } else { Verdict::Apart },
        who: "ada".into(),
        why: "father and son".into(),
    };
    let standing = Standing { decisions: families.map(decide).collect(), ..Standing::default() };
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
