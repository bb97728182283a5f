//! What stands from before a run: decisions, names of entities, and where values are from.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use proptest::prelude::*;
use trommel_matching::{Known, MatchOutput, Standing, StandingReport, run_standing};
use trommel_model::{Cancel, EntityEvent, MatchDecision, MatchSpec, Measure, ProgressSlot, RecordKey, Verdict};

use crate::support::{compare, groups, lines, model, rule, table};

fn key(id: &str) -> RecordKey {
    RecordKey { source: String::new(), id: id.into() }
}

fn decision(left: &str, right: &str, verdict: Verdict) -> MatchDecision {
    MatchDecision { left: key(left), right: key(right), verdict, who: "ada".into(), why: "seen".into() }
}

fn spec() -> MatchSpec {
    let mut spec = model(0.9);
    spec.blocking = vec![rule(&["name"])];
    spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
    spec
}

fn resolved(rows: &str, standing: &Standing) -> (MatchOutput, StandingReport) {
    run_standing(&spec(), &[table(&format!("id|name|city\n{rows}"))], standing, 2, &Cancel::new(), &ProgressSlot::new()).unwrap()
}

fn names(output: &MatchOutput) -> BTreeMap<RecordKey, String> {
    let mut names = BTreeMap::new();
    for batch in &output.crosswalk {
        let (ids, entities) = (batch.column(1).as_string::<i32>(), batch.column(2).as_string::<i32>());
        names.extend((0..batch.num_rows()).map(|row| (key(ids.value(row)), entities.value(row).to_owned())));
    }
    names
}

#[test]
fn decisions_go_before_scores() {
    let decisions = vec![decision("1", "2", Verdict::Apart), decision("3", "4", Verdict::Together), decision("9", "1", Verdict::Together)];
    let (output, report) = resolved("1|ann|x\n2|ann|x\n3|bob|x\n4|eve|x\n5|ann|x", &Standing { decisions, ..Standing::default() });
    let groups = groups(&output);
    assert!(groups.contains(&vec!["/3".to_owned(), "/4".to_owned()]), "{groups:?}");
    assert!(!groups.iter().any(|g| g.contains(&"/1".to_owned()) && g.contains(&"/2".to_owned())), "{groups:?}");
    assert_eq!((report.decisions.applied, report.decisions.vanished.len()), (2, 1));
}

#[test]
fn contradictions_are_told_and_nothing_is_guessed() {
    let decisions = vec![decision("1", "2", Verdict::Together), decision("2", "3", Verdict::Together), decision("1", "3", Verdict::Apart)];
    let (output, report) = resolved("1|a|x\n2|b|x\n3|c|x", &Standing { decisions, ..Standing::default() });
    assert_eq!(groups(&output).len(), 3);
    assert_eq!((report.decisions.applied, report.decisions.contradictions[0].len()), (0, 3));
}

#[test]
fn entities_keep_their_names_when_their_first_row_goes() {
    let (before, _) = resolved("1|ann|x\n2|ann|x\n3|ann|x\n4|bob|x\n5|eve|x", &Standing::default());
    let previous = names(&before);
    let (after, report) = resolved(
        "2|ann|x\n3|ann|x\n4|ann|x\n6|new|x",
        &Standing { previous: previous.clone().into_iter().collect(), ..Standing::default() },
    );
    let now = names(&after);
    assert_eq!(now[&key("2")], previous[&key("2")]);
    let merged = EntityEvent::Merged { into: previous[&key("2")].clone(), from: vec![previous[&key("4")].clone()] };
    assert!(report.events.contains(&merged), "{report:?}");
    assert!(report.events.contains(&EntityEvent::Vanished(previous[&key("5")].clone())));
    assert!(report.events.contains(&EntityEvent::Appeared(now[&key("6")].clone())));
}

#[test]
fn every_value_says_where_it_is_from() {
    let (output, _) = resolved("1|ann|\n2|ann|ulm", &Standing { provenance: true, ..Standing::default() });
    let told = lines(&output.provenance);
    assert_eq!(told[0], "entity_id|column|source|id");
    let ends: Vec<&str> = told[1..].iter().filter_map(|l| l.split_once('|').map(|(_, end)| end)).collect();
    assert_eq!(ends, ["id||1", "name||1", "city||2"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn matching_what_is_new_comes_to_the_same_as_matching_everything(
        before in prop::collection::vec(("[abc]", "[xy]"), 1..14),
        changes in prop::collection::vec((0_usize..18, "[abc]", "[xy]"), 0..6),
        lost in prop::collection::btree_set(0_usize..14, 0..4),
        merged in prop::collection::vec((0_usize..18, 0_usize..18), 0..3),
    ) {
        let mut spec = spec();
        spec.blocking.push(rule(&["city"]));
        spec.comparisons = vec![compare("name", Measure::Exact, 1.0), compare("city", Measure::Exact, 1.0)];
        spec.threshold = 0.5;
        let run = |rows: &BTreeMap<usize, (String, String)>, standing: &Standing| {
            let text: Vec<String> = rows.iter().map(|(id, (name, city))| format!("{id}|{name}|{city}")).collect();
            run_standing(&spec, &[table(&format!("id|name|city\n{}", text.join("\n")))], standing, 2, &Cancel::new(), &ProgressSlot::new()).unwrap()
        };
        let mut rows: BTreeMap<usize, (String, String)> = before.into_iter().enumerate().collect();
        let (first, _) = run(&rows, &Standing { review: 500, ..Standing::default() });
        let mut known = Known::default();
        for (id, name, city) in changes {
            rows.insert(id, (name, city));
            known.changed.insert(key(&id.to_string()));
        }
        rows.retain(|id, _| !lost.contains(id));
        if !rows.is_empty() {
            let decisions: Vec<MatchDecision> =
                merged.into_iter().map(|(l, r)| decision(&l.to_string(), &r.to_string(), Verdict::Together)).collect();
            known.changed.extend(decisions.iter().flat_map(|d| [d.left.clone(), d.right.clone()]));
            let reviewed = first.review.iter().map(|batch| batch.project(&[0, 1, 2, 3, 4]).unwrap()).collect();
            let standing = Standing { previous: names(&first).into_iter().collect(), decisions, review: 500, ..Standing::default() };
            let (all, whole) = run(&rows, &standing);
            let (new, report) = run(&rows, &Standing { known: Some(known), reviewed, ..standing });
            prop_assert_eq!(lines(&new.review), lines(&all.review));
            prop_assert_eq!(groups(&new), groups(&all));
            prop_assert_eq!(names(&new), names(&all));
            prop_assert_eq!(report.events, whole.events);
            prop_assert_eq!(report.decisions, whole.decisions);
            prop_assert!(report.matched_rows.is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn decisions_hold_in_any_order(
        rows in prop::collection::vec("[ab]", 2..12),
        pairs in prop::collection::vec((0_usize..12, 0_usize..12, prop::bool::ANY), 0..10),
    ) {
        let text: Vec<String> = rows.iter().enumerate().map(|(at, name)| format!("{at}|{name}|x")).collect();
        let verdict = |same| if same { Verdict::Together } else { Verdict::Apart };
        let mut decisions: Vec<MatchDecision> = pairs.iter()
            .filter(|(l, r, _)| l != r)
            .map(|&(l, r, same)| decision(&l.to_string(), &r.to_string(), verdict(same)))
            .collect();
        let (output, report) = resolved(&text.join("\n"), &Standing { decisions: decisions.clone(), ..Standing::default() });
        let entity = names(&output);
        let set_aside: Vec<&MatchDecision> = report.decisions.contradictions.iter().flatten().chain(&report.decisions.vanished).collect();
        for one in decisions.iter().filter(|d| !set_aside.iter().any(|s| (s.left == d.left && s.right == d.right || s.left == d.right && s.right == d.left) && s.verdict == d.verdict)) {
            let same = entity[&one.left] == entity[&one.right];
            prop_assert_eq!(same, one.verdict == Verdict::Together, "{:?}", one);
        }
        decisions.reverse();
        let (again, _) = resolved(&text.join("\n"), &Standing { decisions, ..Standing::default() });
        prop_assert_eq!(groups(&again), groups(&output));
    }
}

/// Of a record that came twice the second row says something else: what was decided of the record holds for both.
#[test]
fn what_is_decided_of_a_record_holds_for_all_its_rows() {
    let decisions = vec![decision("1", "2", Verdict::Apart)];
    let (output, report) = resolved("1|ann|x\n1|bob|x\n2|bob|x", &Standing { decisions, ..Standing::default() });
    assert_eq!((groups(&output).len(), report.decisions.applied, output.report.repeated_ids), (2, 1, 1));
}

#[test]
fn an_entity_has_one_record_of_each_source_though_records_came_twice() {
    let rows = table("id|source|name\n1|s1|ann\n1|s1|bob\n1|s2|ann\n2|s2|bob");
    let spec = MatchSpec { source: Some("source".into()), one_to_one: true, ..spec() };
    let run = |spec: &MatchSpec| {
        run_standing(spec, std::slice::from_ref(&rows), &Standing::default(), 2, &Cancel::new(), &ProgressSlot::new()).unwrap()
    };
    let (output, _) = run(&spec);
    assert_eq!(groups(&output).len(), 2, "{:?}", groups(&output));
    let (output, _) = run(&MatchSpec { one_to_one: false, best_link: true, ..spec });
    assert_eq!(output.report.pairs_compared, 2, "rows of one record are not compared");
}
