//! Entries about a match and its records: looked at before it is applied, decided, taken apart.

use std::path::PathBuf;

use trommel_model::{Code, Outcome, Problem, RecordKey, Ruling};

use super::tables::subject;
use super::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Undo, Values};
use crate::{Command, DecideRequest, Foremost, MatchSubject, PreviewRequest, ReviewCommand, Screen, Subject, UnmergeRequest};

const MATCH: Argument = Argument::required("match", Input::Match, "mart.customers", "A match of the workspace, or a file");
const MORE: Argument = Argument::many("more", Input::Path, "clients.csv", "More files to link");
const MODEL: Argument =
    Argument::option("model", Input::Path, "people.toml", "The model for files; without one it is proposed from the data");
const LABELS: Argument = Argument::option(
    "labels",
    Input::Path,
    "labels.csv",
    "Records with who they truly are, to measure precision and recall: source, id, entity (of files: row, entity, and file when there are several); or pairs: source, id, other_source, other_id, same",
);
const KPI: Argument = Argument::option(
    "kpi",
    Input::Kpi,
    "revenue",
    "KPIs to work out before and after, with commas between them; all for every one that is made from the match",
);
const THRESHOLD: Argument = Argument::option("threshold", Input::Text, "0.9", "Instead of the threshold of the model, from 0 to 1");
const HTML: Argument =
    Argument::option("html", Input::Path, "match.html", "Write a report for the browser, one file with everything in it");
const WHY: Argument = Argument::option("why", Input::Text, "same phone, moved in 2025", "Why, for those who ask later");

/// An entry of the screen that comes to the same as a verb.
macro_rules! on_screen {
    ($id:literal, $title:literal, $key:literal, $verb:literal, $example:literal, $help:literal, $undo:ident, $command:expr) => {
        Entry {
            id: $id,
            title: $title,
            verb: &[],
            same_as: Some($verb),
            help: $help,
            arguments: &[],
            keys: &[KeyBinding::on(Screen::Match, $key)],
            example: $example,
            undo: Undo::$undo,
            action: Action::Ask(|_| Ok(Command::Review($command))),
        }
    };
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "match.preview",
        title: "Look at a match…",
        verb: &["match", "preview"],
        same_as: None,
        help: "Works a match out without applying it: pairs by score, what would come of each threshold (entities, precision, recall and F1 to be expected, and measured when there are labels), which entities would become one or fall apart, KPIs before and after, and the pairs in doubt.",
        arguments: &[MATCH, MORE, MODEL, LABELS, KPI, THRESHOLD, HTML],
        keys: &[KeyBinding::on(Screen::Match, "p")],
        example: "trommel match preview mart.customers --kpi revenue_per_customer",
        undo: Undo::Nothing,
        action: Action::Ask(|v| preview(v, Foremost::Thresholds)),
    },
    Entry {
        id: "match.review",
        title: "Review pairs in doubt…",
        verb: &["match", "review"],
        same_as: None,
        help: "Lists the pairs a person should look at, those first of which an answer brings most: its uncertainty times the rows that it joins or parts. Each is shown side by side with the weight of every comparison.",
        arguments: &[MATCH, MORE, MODEL, THRESHOLD],
        keys: &[],
        example: "trommel match review mart.customers",
        undo: Undo::Nothing,
        action: Action::Ask(|v| preview(v, Foremost::Pairs)),
    },
    Entry {
        id: "match.decide",
        title: "Decide a pair…",
        verb: &["match", "decide"],
        same_as: None,
        help: "Writes a decision about two records into decisions/: merge (they are one), keep (they are not), split (they were one and are to be parted) or withdraw (the score decides again). Decisions are applied in every run and go before the score; a later one about the same pair takes the place of the earlier, which stays in the file.",
        arguments: &[
            Argument::required("match", Input::Match, "mart.customers", "The match"),
            Argument::required("left", Input::Text, "crm:17", "One record: source:id, or its id when there is no source"),
            Argument::required("right", Input::Text, "shop:4711", "The other record"),
            Argument::required("verdict", Input::Text, "merge", "merge, keep, split or withdraw"),
            WHY,
        ],
        keys: &[],
        example: "trommel match decide mart.customers crm:17 shop:4711 merge --why \"same phone\"",
        undo: Undo::Additive,
        action: Action::Ask(decide),
    },
    on_screen!(
        "match.merge",
        "Same: merge this pair",
        "m",
        "match decide",
        "trommel match decide mart.customers crm:17 shop:4711 merge",
        "Decides that the two records of the selected pair are one, and goes to the next pair.",
        Additive,
        ReviewCommand::Rule(Ruling::Merge)
    ),
    on_screen!(
        "match.keep",
        "Not the same: keep this pair apart",
        "n",
        "match decide",
        "trommel match decide mart.customers crm:17 shop:4711 keep",
        "Decides that the two records of the selected pair are not one, and goes to the next pair.",
        Additive,
        ReviewCommand::Rule(Ruling::Keep)
    ),
    on_screen!(
        "match.undo",
        "Undo the last decision",
        "u",
        "match decide",
        "trommel match decide mart.customers crm:17 shop:4711 withdraw",
        "Withdraws what was decided last since the match was looked at.",
        Additive,
        ReviewCommand::Undo
    ),
    on_screen!(
        "match.lower",
        "Lower threshold",
        "[",
        "match preview",
        "trommel match preview mart.customers --threshold 0.8",
        "Looks at the next lower threshold: more pairs match.",
        Nothing,
        ReviewCommand::Move(-1)
    ),
    on_screen!(
        "match.higher",
        "Higher threshold",
        "]",
        "match preview",
        "trommel match preview mart.customers --threshold 0.95",
        "Looks at the next higher threshold: fewer pairs match.",
        Nothing,
        ReviewCommand::Move(1)
    ),
    on_screen!(
        "match.keep_threshold",
        "Write this threshold into the model",
        "s",
        "match threshold",
        "trommel match threshold mart.customers 0.95",
        "Writes the threshold that is looked at into the model; the next run applies it.",
        Additive,
        ReviewCommand::KeepThreshold
    ),
    Entry {
        id: "match.open",
        title: "Look at the match under the cursor",
        verb: &[],
        same_as: Some("match preview"),
        help: "Works the match under the cursor out without applying it.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Match, "enter")],
        example: "trommel match preview mart.customers",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::OpenSelected),
    },
    Entry {
        id: "match.threshold",
        title: "Set the threshold of a match…",
        verb: &["match", "threshold"],
        same_as: None,
        help: "Writes a threshold into the model of a match, and leaves the rest of the file as it is; the next run applies it.",
        arguments: &[
            Argument::required("match", Input::Match, "mart.customers", "The match"),
            Argument::required("threshold", Input::Text, "0.95", "From 0 to 1; 0 lets a learned score choose"),
        ],
        keys: &[],
        example: "trommel match threshold mart.customers 0.95",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            let threshold = number(&v.required("threshold")?)?;
            Ok(Command::Review(ReviewCommand::Threshold { model: v.required("match")?, threshold }))
        }),
    },
    Entry {
        id: "match.unmerge",
        title: "Take an entity apart…",
        verb: &["match", "unmerge"],
        same_as: None,
        help: "Writes decisions that part one entity: the records that are named leave it, without any each becomes an entity of its own. Says which models, KPIs, boards, sinks and exports are stale by that; --run makes the models again and nothing else: what was written to databases and files is written by the next run.",
        arguments: &[
            Argument::required("entity", Input::Text, "ef570703296150b773b95da9d6debb07", "The entity's id, or its first letters"),
            Argument::many("records", Input::Text, "crm:17", "Records that leave it: source:id"),
            Argument::option("match", Input::Match, "mart.customers", "The match, when several could have made it"),
            WHY,
            Argument::flag("run", "Make the models that are stale again, and nothing else"),
        ],
        keys: &[],
        example: "trommel match unmerge ef570703 crm:17 --why \"two sisters\" --run",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            Ok(Command::Review(ReviewCommand::Unmerge(UnmergeRequest {
                entity: v.required("entity")?,
                model: v.get("match").map(str::to_owned),
                records: v.all("records"),
                why: v.get("why").unwrap_or_default().to_owned(),
                run: v.flag("run"),
            })))
        }),
    },
];

/// A match of the workspace, or files.
pub(super) fn match_subject(values: &Values) -> Outcome<MatchSubject> {
    let name = values.required("match")?;
    let more: Vec<PathBuf> = values.all("more").into_iter().map(PathBuf::from).collect();
    Ok(match subject(&name) {
        Subject::Table(name) if more.is_empty() && values.get("model").is_none() => MatchSubject::Model(name.to_string()),
        _ => MatchSubject::Files { model: values.path("model"), files: std::iter::once(PathBuf::from(name)).chain(more).collect() },
    })
}

fn preview(values: &Values, first: Foremost) -> Outcome<Command> {
    let subject = match_subject(values)?;
    let kpis = values.all("kpi").iter().flat_map(|k| k.split(',')).map(|k| k.trim().to_owned()).filter(|k| !k.is_empty()).collect();
    Ok(Command::Review(ReviewCommand::Preview(PreviewRequest {
        subject,
        labels: values.path("labels"),
        kpis,
        threshold: values.get("threshold").map(number).transpose()?,
        html: values.path("html"),
        first,
    })))
}

fn number(text: &str) -> Outcome<f64> {
    let wrong = || Problem::new(Code::Usage, format!("\"{text}\" is no threshold")).next("write a number from 0 to 1, for instance 0.9");
    text.trim().parse().map_err(|_| wrong())
}

fn decide(values: &Values) -> Outcome<Command> {
    let verdict = values.required("verdict")?;
    let asked = [("merge", Ruling::Merge), ("keep", Ruling::Keep), ("split", Ruling::Split), ("withdraw", Ruling::Withdrawn)];
    let Some((_, ruling)) = asked.into_iter().find(|(name, _)| *name == verdict) else {
        return Err(Problem::new(Code::Usage, format!("\"{verdict}\" decides nothing")).next("write merge, keep, split or withdraw"));
    };
    Ok(Command::Review(ReviewCommand::Decide(DecideRequest {
        model: values.required("match")?,
        left: record(&values.required("left")?),
        right: record(&values.required("right")?),
        ruling,
        why: values.get("why").unwrap_or_default().to_owned(),
    })))
}

/// `source:id`, or an id alone.
pub fn record(text: &str) -> RecordKey {
    let (source, id) = text.split_once(':').unwrap_or(("", text));
    RecordKey { source: source.to_owned(), id: id.to_owned() }
}
