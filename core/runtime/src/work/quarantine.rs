//! What becomes of held rows.

use trommel_app::{News, Report, RowDecision};
use trommel_connectors::{Piece, Place, can_correct, discover, record};
use trommel_engine::frame::cells_of;
use trommel_engine::sql::{ident, literal};
use trommel_model::{Amendment, Code, Correction, HeldRow, Outcome, Problem, SourceSpec, Workspace, did_you_mean, standing};
use trommel_pipeline::as_it_was_read;

use crate::desk::{Desk, open_lake};
use crate::worker::Task;

/// Writes down what becomes of a held row of a source's file.
pub(super) fn decide(task: &Task, workspace: &Workspace, decision: &RowDecision) -> Outcome<News> {
    let row = &decision.row;
    let source = source_of(workspace, row)?;
    let piece = piece_of(workspace, source, row)?;
    let rule = held_by(task, workspace, row)?;
    // A held row says where it was read; a decision says where its record is in the file.
    let moved = trommel_pipeline::lines_read(workspace, &open_lake(workspace)?, source)?.remove(&row.file).unwrap_or_default();
    let line = moved.in_file(row.line).map_err(|corrected| {
        Problem::new(Code::Usage, format!("line {} of {} is part of what a record was corrected to", row.line, row.file)).next(format!(
            "decide about that record: {}:{}:{}",
            row.table,
            row.file,
            moved.read_at(corrected)
        ))
    })?;
    let decided = workspace.corrections.get(&source.name).map_or(&[][..], Vec::as_slice);
    let standing = standing(decided).into_iter().find(|c| c.file == row.file && c.line == line && !c.reopens()).cloned();
    if rule.is_none() && standing.is_none() {
        return Err(Problem::new(Code::UnknownName, format!("no row of {} is held at line {} of {}", row.table, row.line, row.file))
            .next("trommel quarantine list shows the rows that are"));
    }
    if decision.amendment != Amendment::Reopen && !as_it_was_read(&open_lake(workspace)?, source, &piece, &task.cancel)? {
        return Err(Problem::new(Code::Usage, format!("{} has changed since its rows were held", row.file))
            .in_file(&piece.path)
            .why(format!("line {} may be another record by now", row.line))
            .next(format!("trommel run {} reads it again; then decide about what is held", row.table)));
    }
    let record = record(&piece, source, line, &task.cancel)?;
    let now = match &decision.amendment {
        Amendment::Text(text) => Some(text.trim_end_matches(['\n', '\r']).to_owned()),
        Amendment::Set(values) => Some(record.with(values)?),
        Amendment::Discard => None,
        Amendment::Reopen if standing.is_none() => {
            return Err(Problem::new(Code::Usage, format!("nothing was decided about {row}")).next("there is nothing to take back"));
        }
        Amendment::Reopen => Some(record.text.clone()),
    };
    if now.as_ref() == Some(&record.text) && decision.amendment != Amendment::Reopen {
        return Err(Problem::new(Code::Usage, "the record already reads so").why(record.text).next("write what should be different"));
    }
    let correction = Correction {
        file: row.file.clone(),
        line,
        was: record.text.clone(),
        now: now.clone(),
        rule: rule.or_else(|| standing.map(|c| c.rule)).unwrap_or_default(),
        who: who(),
        at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        why: decision.why.clone(),
    };
    let path = trommel_workspace::correct(&workspace.root, &source.name, &correction)?;
    let title = match (&decision.amendment, lines(&record.text), now.as_deref().map(lines)) {
        (Amendment::Discard, ..) => format!("{row} is discarded; it stays in the quarantine"),
        (Amendment::Reopen, ..) => format!("{row} is read as it came again"),
        (_, before, Some(after)) if before != after => {
            format!("{row} is corrected; its record has {after} lines instead of {before}, so lines below it move. Replay reads it")
        }
        _ => format!("{row} is corrected; replay reads it"),
    };
    let shown = path.strip_prefix(&workspace.root).unwrap_or(&path).display().to_string();
    let mut facts = vec![("held by".to_owned(), correction.rule.clone()), ("was".to_owned(), correction.was)];
    facts.extend(now.map(|now| ("now".to_owned(), now)));
    facts.push(("written to".to_owned(), shown));
    if decision.amendment != Amendment::Discard {
        facts.push(("next".to_owned(), format!("trommel quarantine replay {}", row.table)));
    }
    Ok(News::Report(Report { title, facts, ..Report::default() }))
}

fn source_of<'w>(workspace: &'w Workspace, row: &HeldRow) -> Outcome<&'w SourceSpec> {
    if row.table.layer != "raw" {
        return Err(Problem::new(Code::Usage, format!("rows of {} are made by a model, not read from a file", row.table))
            .next("correct the row of the source it came from, or add a step to the recipe; a run then makes it anew"));
    }
    workspace.sources.iter().find(|s| s.name == row.table.table).ok_or_else(|| {
        let names = workspace.sources.iter().map(|s| s.name.as_str());
        Problem::new(Code::UnknownName, format!("there is no source \"{}\"", row.table.table)).next(did_you_mean(&row.table.table, names))
    })
}

fn piece_of(workspace: &Workspace, source: &SourceSpec, row: &HeldRow) -> Outcome<Piece> {
    let connection = workspace.config.connections.iter().find(|c| source.connection.as_ref() == Some(&c.name));
    let pieces = discover(&Place { root: &workspace.root, connection, spec: source })?;
    let Some(piece) = pieces.iter().find(|p| p.name == row.file) else {
        let problem = Problem::new(Code::UnknownName, format!("source {} has no file \"{}\" now", source.name, row.file));
        let meant = did_you_mean(&row.file, pieces.iter().map(|p| p.name.as_str()));
        return Err(problem.next(if meant.is_empty() { "put the file back where it was read".to_owned() } else { meant }));
    };
    if can_correct(piece.format) {
        return Ok(piece.clone());
    }
    Err(Problem::new(Code::Usage, format!("rows of {} cannot be corrected one by one", piece.name))
        .why("they are not lines of a text")
        .next("correct them where they come from, or set values by a step of a recipe"))
}

/// The rule that holds a row now.
fn held_by(task: &Task, workspace: &Workspace, row: &HeldRow) -> Outcome<Option<String>> {
    let desk = Desk::open(task, Some(workspace))?;
    let table = trommel_model::TableName::new("quarantine", format!("{}__{}", row.table.layer, row.table.table));
    if !crate::lists::table_names(&desk)?.contains(&table.to_string()) {
        return Ok(None);
    }
    let sql = format!(
        "SELECT {} FROM {} WHERE {} = {} AND {} = {} LIMIT 1",
        ident("rule"),
        trommel_engine::sql::qualified(&table),
        ident("file"),
        literal(&row.file),
        ident("line"),
        row.line
    );
    let answer = desk.engine.query(&sql, &task.cancel)?;
    Ok(answer.iter().flat_map(cells_of).next().and_then(|mut cells| cells.pop()).map(|cell| cell.text()))
}

fn lines(text: &str) -> usize {
    text.lines().count().max(1)
}

/// Who sits at this machine, as the system says.
pub(super) fn who() -> String {
    ["TROMMEL_USER", "USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|who| !who.trim().is_empty()))
        .unwrap_or_else(|| "somebody".to_owned())
}
