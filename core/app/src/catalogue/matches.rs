//! Entries about entity resolution.

use std::path::PathBuf;

use trommel_model::{Code, Outcome, Problem};

use super::reviews::match_subject;
use super::{Action, Argument, Entry, Input, Undo, Values};
use crate::{Command, MatchCommand, MatchRequest};

const FILE: Argument = Argument::required("file", Input::Path, "people.csv", "The file to find duplicates in, or the first to link");
const MORE: Argument = Argument::many("more", Input::Path, "clients.csv", "More files to link");
const LABELS: Argument = Argument::option(
    "labels",
    Input::Path,
    "labels.csv",
    "Pairs of which somebody knows whether they are one: file, row, other_file, other_row (or id, other_id) and same, which is yes or no",
);
const SUBJECT: Argument = Argument::required("match", Input::Match, "people.csv", "A match of the workspace, or a file");
const MODEL: Argument = Argument::required("model", Input::Path, "people.toml", "The model: blocking rules and comparisons");
const MODEL_IF_ANY: Argument = Argument::option("model", Input::Path, "people.toml", "The model; without one it is proposed from the data");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "match.auto",
        title: "Find the same things in files…",
        verb: &["match", "auto"],
        same_as: None,
        help: "Finds rows that are the same thing, without being told anything: roles of the columns, blocking rules, comparisons and threshold come from the data. One file is searched for duplicates, several are linked. With --format csv the answer is the crosswalk: file, row, entity_id, probability, every row once. Labels correct the weights and choose the threshold.",
        arguments: &[
            FILE,
            MORE,
            LABELS,
            Argument::option("save", Input::Path, "people.toml", "Write the proposed model to a file, to be read, changed and run again"),
        ],
        keys: &[],
        example: "trommel match auto people.csv --format csv",
        undo: Undo::Nothing,
        action: Action::Ask(|v| resolve(None, v)),
    },
    Entry {
        id: "match.run",
        title: "Run a match model on files…",
        verb: &["match", "run"],
        same_as: None,
        help: "Resolves the rows of files by a written model. The answer is that of match auto. Labels choose the threshold when the model has none, and correct the weights of score = \"logistic\".",
        arguments: &[MODEL, FILE, MORE, LABELS],
        keys: &[],
        example: "trommel match run people.toml people.csv --format csv",
        undo: Undo::Nothing,
        action: Action::Ask(|v| resolve(Some(PathBuf::from(v.required("model")?)), v)),
    },
    Entry {
        id: "match.estimate",
        title: "Estimate a match…",
        verb: &["match", "estimate"],
        same_as: None,
        help: "Says how many pairs each blocking rule makes, which blocks are too large, and about what comparing them takes in time and memory, before it is done.",
        arguments: &[SUBJECT, MORE, MODEL_IF_ANY],
        keys: &[],
        example: "trommel match estimate people.csv",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Match(MatchCommand::Estimate(match_subject(v)?)))),
    },
    Entry {
        id: "match.explain",
        title: "Explain a pair of rows…",
        verb: &["match", "explain"],
        same_as: None,
        help: "Says what each comparison adds to the weight of two rows, from the prior to the probability. A row is its number from 1, or FILE:NUMBER.",
        arguments: &[
            Argument::required("left", Input::Text, "1", "One row: its number in the first file, or FILE:NUMBER"),
            Argument::required("right", Input::Text, "2", "The other row"),
            FILE,
            MORE,
            MODEL_IF_ANY,
        ],
        keys: &[],
        example: "trommel match explain 1 2 people.csv",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            let (left, right) = (v.required("left")?, v.required("right")?);
            if left == right {
                return Err(Problem::new(Code::Usage, "a row is the same as itself").next("name two rows"));
            }
            Ok(Command::Match(MatchCommand::Explain { left, right, model: v.path("model"), files: files(v) }))
        }),
    },
];

#[expect(clippy::unnecessary_wraps, reason = "an action may refuse its values; these two do not")]
fn resolve(model: Option<PathBuf>, values: &Values) -> Outcome<Command> {
    let request = MatchRequest { model, files: files(values), crosswalk: None, save: values.path("save"), labels: values.path("labels") };
    Ok(Command::Match(MatchCommand::Resolve(request)))
}

fn files(values: &Values) -> Vec<PathBuf> {
    values.all("file").into_iter().chain(values.all("more")).map(PathBuf::from).collect()
}
