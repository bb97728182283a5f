//! What a person should know of a match besides its counts, in sentences.

use trommel_model::{LabelReport, MatchReport, Quality, Scoring};

/// Large blocks that are told one by one.
const BLOCKS: usize = 5;

/// Large blocks, rows without a block, comparisons that say the same thing twice.
pub fn remarks(report: &MatchReport) -> Vec<String> {
    let mut notes: Vec<String> =
        report.oversize_blocks.iter().take(BLOCKS).map(|(key, rows)| large_block(key, *rows, report.rows)).collect();
    if report.oversize_blocks.len() > BLOCKS {
        notes.push(format!("and {} more large blocks", report.oversize_blocks.len() - BLOCKS));
    }
    if report.repeated_ids > 0 {
        let rows = if report.repeated_ids == 1 { "1 row has" } else { &format!("{} rows have", report.repeated_ids) };
        notes.push(format!(
            "{rows} the id of another one: rows of one id are one record, whatever they say; a check `unique` would hold them"
        ));
    }
    if report.rows_without_block > 0 {
        let (s, are) = if report.rows_without_block == 1 { ("", "is an entity of its own") } else { ("s", "are entities of their own") };
        notes.push(format!("{} row{s} without a key of any blocking rule {are}", report.rows_without_block));
    }
    let comparisons = report.trained.iter().flat_map(|trained| &trained.comparisons);
    notes.extend(comparisons.filter_map(|of| {
        let kept = (100.0 * of.own?).round();
        Some(format!("what \"{}\" says follows in part from other columns: {kept} % of its weight is counted", of.column))
    }));
    notes
}

fn large_block(key: &str, rows: u64, all: u64) -> String {
    // A block of most rows is no accident of the data but a rule that does not part them.
    let advice = if 2 * rows > all { "; give that blocking rule a second key" } else { "" };
    format!("the block \"{key}\" has {rows} rows: only near neighbours were compared{advice}")
}

/// How a match stands against labels, with what these figures can be believed.
pub fn remarks_on_labels(report: &LabelReport, threshold: f64) -> Vec<String> {
    let (from, to) = report.entities_f1;
    let mut notes = vec![format!(
        "entities held against {} labelled pairs, {} of them one: {} (95 in 100: {from:.3} to {to:.3})",
        report.pairs,
        report.same,
        figures(report.entities)
    )];
    if let Some(scores) = &report.scores {
        let (low, high) = scores.as_good;
        notes.push(match (scores.chosen, report.same == 0 || report.same == report.pairs) {
            (true, _) => format!("the threshold {threshold:.3} is chosen by the labels; from {low:.3} to {high:.3} all part them as well"),
            (false, true) => "labels of one kind only choose no threshold: give pairs that are one and pairs that are not".to_owned(),
            (false, false) => {
                format!("the model names the threshold {threshold:.3}; the labels would choose {:.3} ({low:.3} to {high:.3})", scores.best)
            }
        });
        notes.push(match scores.held_out {
            Some(quality) => format!(
                "scores of labels that were not learned from ({} parts in turn): {} (95 in 100: {:.3} to {:.3})",
                scores.folds,
                figures(quality),
                scores.held_out_f1.0,
                scores.held_out_f1.1
            ),
            None => "too few labels to hold some of them out: the figures are of the labels that were learned from, and flatter".to_owned(),
        });
    }
    notes.push(
        "all of this is of the labelled pairs: other pairs do as well only as far as these were drawn from them at random".to_owned(),
    );
    notes
}

/// What figures against decisions can be believed.
pub(crate) fn remark_on_decisions(decided: usize, scoring: Scoring) -> String {
    let s = if decided == 1 { "" } else { "s" };
    let learned = if scoring == Scoring::Logistic { "; the weights were corrected by them, so that the figures flatter" } else { "" };
    format!(
        "precision and recall are of {decided} decided pair{s}, as the match stands without these decisions. Pairs are decided where they \
         are in doubt: they are no random sample, and say little of all pairs{learned}"
    )
}

fn figures(quality: Quality) -> String {
    format!("precision {:.3}, recall {:.3}, F1 {:.3}", quality.precision, quality.recall, quality.f1())
}

#[cfg(test)]
mod tests {
    use trommel_model::{LabelScores, Trained, TrainedComparison};

    use super::*;

    #[test]
    fn what_is_unusual_is_told_and_nothing_else() {
        assert!(remarks(&MatchReport::default()).is_empty());
        let comparison = |column: &str, own| TrainedComparison { column: column.into(), own, levels: Vec::new() };
        let report = MatchReport {
            rows: 100,
            oversize_blocks: (0..7).map(|n| (format!("city = {n}"), 60 - n)).collect(),
            rows_without_block: 3,
            trained: Some(Trained { comparisons: vec![comparison("city", Some(0.42)), comparison("name", None)], ..Trained::default() }),
            ..MatchReport::default()
        };
        let told = remarks(&report);
        assert_eq!(told.len(), BLOCKS + 3, "{told:?}");
        assert!(told[0].ends_with("give that blocking rule a second key") && told[5] == "and 2 more large blocks", "{told:?}");
        assert!(told[6].starts_with("3 rows without a key") && told[7].contains("42 %"), "{told:?}");
    }

    #[test]
    fn figures_of_labels_say_what_they_are_of() {
        let scores = LabelScores { best: 0.8, as_good: (0.7, 0.9), chosen: true, ..LabelScores::default() };
        let report = LabelReport { pairs: 10, same: 4, scores: Some(scores.clone()), ..LabelReport::default() };
        let told = remarks_on_labels(&report, 0.8).join("\n");
        assert!(told.contains("10 labelled pairs, 4 of them one") && told.contains("0.800 is chosen by the labels"), "{told}");
        assert!(told.contains("too few labels") && told.contains("at random"), "{told}");
        let fixed = LabelReport { scores: Some(LabelScores { chosen: false, ..scores }), ..report };
        assert!(remarks_on_labels(&fixed, 0.95).join("\n").contains("the labels would choose 0.800"));
        assert!(
            remark_on_decisions(1, Scoring::Logistic).contains("1 decided pair, ")
                && !remark_on_decisions(2, Scoring::WeightedMean).contains("flatter")
        );
    }
}
