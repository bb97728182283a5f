//! The entry about ways of writing one value.

use trommel_model::{Code, Outcome, Problem, SpellingMethod, did_you_mean};

use super::tables::subject;
use super::{Action, Argument, Entry, Input, KeyBinding, Undo, Values};
use crate::{Command, RecipeCommand, Screen, SpellingsRequest};

pub(super) const ENTRIES: &[Entry] = &[Entry {
    id: "recipe.cluster",
    title: "Bring values of a column together…",
    verb: &["recipe", "cluster"],
    same_as: None,
    help: "Finds ways of writing one value in a column and writes the step map_values that brings them together under the most frequent one. Methods: fingerprint (the same words whatever their order, case, accents and punctuation), ngram (the same pairs of letters), sound (words that sound alike), near (a few letters apart). With --add the step is put at the end of a recipe.",
    arguments: &[
        Argument::required("subject", Input::Table, "raw.quotes", "A table, a file or a SELECT"),
        Argument::required("column", Input::Column, "city", "The column"),
        Argument::required("method", Input::Text, "fingerprint", "fingerprint, ngram, sound or near"),
        Argument::option_or("radius", Input::Number, "2", "For near: letters that may differ"),
        Argument::option("add", Input::Recipe, "clean.quotes", "The recipe that gets the step"),
    ],
    keys: &[KeyBinding::on(Screen::Table, "v")],
    example: "trommel recipe cluster quotes.csv city near",
    undo: Undo::Additive,
    action: Action::Ask(cluster),
}];

fn cluster(values: &Values) -> Outcome<Command> {
    let asked = values.required("method")?;
    let names = SpellingMethod::ALL.map(SpellingMethod::name);
    let Some(method) = SpellingMethod::ALL.into_iter().find(|m| m.name() == asked) else {
        let hint = did_you_mean(&asked, names);
        let problem = Problem::new(Code::Usage, format!("there is no method \"{asked}\""));
        return Err(if hint.is_empty() { problem.next(format!("there are: {}", names.join(", "))) } else { problem.next(hint) });
    };
    Ok(Command::Recipe(RecipeCommand::Spellings(SpellingsRequest {
        subject: subject(&values.required("subject")?),
        column: values.required("column")?,
        method,
        radius: values.number("radius")?.unwrap_or(2),
        add_to: values.get("add").map(str::to_owned),
    })))
}
