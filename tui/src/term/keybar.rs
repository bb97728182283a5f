//! The keys of the screen in front: at most eight hints, always with the way to all of them.

use trommel_app::Screen;
use trommel_app::catalogue::{Entry, Scope, entries};

use super::keys;
use crate::paint::Line;

/// A key and what it does.
pub(crate) type Hint = (String, String);

const MOST: usize = 8;

/// The hints of a screen: its own keys, how to move, then the ones that hold everywhere.
pub(crate) fn hints(screen: Screen, moves: &[(&'static str, &'static str)]) -> Vec<Hint> {
    // What is about a connection is said where one is shown.
    let told_elsewhere = |e: &Entry| matches!(e.id, "connect.test" | "connect.change" | "connect.browse");
    let own = entries().iter().filter(|e| !told_elsewhere(e)).filter_map(|e| {
        let key = e.keys.iter().find(|k| k.scope == Scope::On(screen))?;
        Some((keys::shown(key.key), short(e).to_owned()))
    });
    let always = [("^P", "commands"), ("?", "keys")];
    let moves = moves.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned()));
    let mut hints: Vec<Hint> = own.chain(moves).take(MOST - always.len()).collect();
    hints.extend(always.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())));
    hints
}

/// The hints on one line; the last one, which leads to all, is never left out.
pub(crate) fn line(hints: &[Hint], columns: usize, small: bool) -> Line {
    let piece = |(key, word): &Hint| Line::new().gap(1).accent(key).gap(1).muted(word).gap(1);
    let Some((last, others)) = hints.split_last() else { return Line::new() };
    let last = if small { piece(last).muted(" 80x24 shows more") } else { piece(last) };
    let mut line = Line::new();
    for hint in others {
        let piece = piece(hint);
        if line.width() + piece.width() + last.width() > columns {
            break;
        }
        line = line.append(piece);
    }
    line.append(last)
}

/// A word or two for the key bar.
fn short(entry: &'static Entry) -> &'static str {
    match entry.id {
        "table.sort" => "sort",
        "table.filter" => "filter",
        "table.cell" => "cell",
        "table.refresh" | "board.refresh" | "recipe.preview" => "again",
        "table.profile" | "profile" => "profile",
        "export" => "export",
        "kpi.render" => "draw to file",
        "kpi.show" | "pipeline.open" | "source.open" | "recipe.open" => "open",
        "recipe.show" => "SQL",
        "pipeline.plan" => "plan",
        "pipeline.run" => "run",
        "pipeline.cancel" | "job.cancel" => "cancel",
        "runs.list" => "runs",
        "check" => "check",
        "source.import" => "import",
        "connect.new" => "connect",
        _ => entry.title.trim_end_matches('…'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_has_at_most_eight_hints_and_they_fit() {
        for screen in Screen::ALL {
            let hints = hints(screen, &[("↑↓", "move"), ("tab", "pane")]);
            assert!(hints.len() <= MOST, "{screen:?}");
            for columns in [20, 60, 80, 200] {
                let line = line(&hints, columns, false);
                assert!(line.width() <= columns, "{screen:?} at {columns}: {}", line.text());
                assert!(line.text().contains("? keys"));
            }
        }
    }
}
