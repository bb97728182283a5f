//! Entries about tables: of the lake, of files, of queries.

use std::path::{Path, PathBuf};

use trommel_model::{Code, Order, Outcome, Problem, ProfileLevel, SortKey, WriteMode};

use super::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Undo, Values};
use crate::{
    Command, Destination, ExportFormat, ExportRequest, ListKind, ProfileMoment, QualityCommand, Screen, Subject, TableCommand, TargetTable,
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "query",
        title: "Query…",
        verb: &["query"],
        same_as: None,
        help: "Answers a SELECT over tables of the lake, files, select * from 'x.csv', and tables of databases, select * from shop.public.orders, where shop is a connection: what can be asked of the database is asked there. An existing path is read as a file whatever its name; rows that are too short are padded and reported.",
        arguments: &[
            Argument::required("sql", Input::Sql, "select 1", "The SELECT, a table's name, or a file"),
            Argument::flag("as-text", "Read every value of a file as the text it came as"),
            Argument::flag("explain", "Say what is asked of each database, and why not more, instead of the answer"),
        ],
        keys: &[],
        example: "trommel query \"select city, count(*) from 'quotes.csv' group by all\"",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            let subject = subject(&v.required("sql")?);
            let subject = match subject {
                Subject::Sql(text) if v.flag("explain") => Subject::Explained(text),
                _ if v.flag("explain") => {
                    return Err(Problem::new(Code::Usage, "only a query can be explained").next("write a SELECT"));
                }
                subject if v.flag("as-text") => Subject::AsText(Box::new(subject)),
                subject => subject,
            };
            Ok(Command::Table(TableCommand::Open(subject)))
        }),
    },
    Entry {
        id: "table.query",
        title: "Write a query…",
        verb: &[],
        same_as: Some("query"),
        help: "Opens a place to write a SELECT, with the names of tables and columns at hand.",
        arguments: &[],
        keys: &[KeyBinding::everywhere("ctrl+q")],
        example: "trommel query \"select 1\"",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::AskQuery),
    },
    Entry {
        id: "table.list",
        title: "List tables of the lake",
        verb: &["lake", "tables"],
        same_as: None,
        help: "Lists the tables of the lake with their rows, bytes and columns.",
        arguments: &[],
        keys: &[KeyBinding::everywhere("ctrl+t")],
        example: "trommel lake tables",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Tables))))),
    },
    Entry {
        id: "lake.snapshots",
        title: "List snapshots of the lake",
        verb: &["lake", "snapshots"],
        same_as: None,
        help: "Lists what was published to the lake, newest first: when, by which run, and what changed.",
        arguments: &[],
        keys: &[],
        example: "trommel lake snapshots",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Snapshots))))),
    },
    Entry {
        id: "profile",
        title: "Profile…",
        verb: &["profile"],
        same_as: None,
        help: "Says of every column of a table, file or query: type, nulls, distinct values, smallest, largest, mean, quantiles, the most frequent values, patterns, faults of text, what the values mean, and whether they are about persons. Estimates are marked, with their error. With -o report.html or report.xlsx it is written as a report. Each run keeps the profiles of the tables it makes: --compare says which columns changed between two of them, those that changed most first, and --history lists all.",
        arguments: &[
            Argument::required("subject", Input::Table, "mart.quotes", "A table's name, a file, or a SELECT"),
            Argument::option_or("level", Input::Text, "full", "summary (counts, quantiles, histogram, frequent values) or full"),
            Argument::flag("relations", "Also duplicates, keys, dependencies, correlations and what is missing together"),
            Argument::pair(
                "compare",
                Input::Moment,
                "previous",
                "What changed between two profiles: the id of a run that kept one, last, previous, first, now, or another table or file",
            ),
            Argument::flag("history", "The profiles that runs kept of the table, a row for each column and run"),
        ],
        keys: &[KeyBinding::on(Screen::Sources, "p")],
        example: "trommel profile quotes.csv",
        undo: Undo::Nothing,
        action: Action::Ask(profile),
    },
    Entry {
        id: "table.profile",
        title: "Profile this table",
        verb: &[],
        same_as: Some("profile"),
        help: "Profiles the table in front.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "p")],
        example: "trommel profile mart.quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Profile))),
    },
    Entry {
        id: "profile.check",
        title: "Find cells that look wrong",
        verb: &[],
        same_as: Some("check"),
        help: "Looks for misspellings, values of odd shapes, contradictions between columns, odd units and more in what is profiled, without any rule written.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Profile, "f")],
        example: "trommel check quotes.csv --auto",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Quality(QualityCommand::AuditProfiled))),
    },
    Entry {
        id: "profile.compare",
        title: "Compare with…",
        verb: &[],
        same_as: Some("profile"),
        help: "Says what changed about the columns since an earlier run kept a profile, or compared with another table or file; the columns that changed most come first.",
        arguments: &[Argument::required("from", Input::Moment, "previous", "previous, first, the id of a run, or another table or file")],
        keys: &[KeyBinding::on(Screen::Profile, "c")],
        example: "trommel profile mart.quotes --compare previous last",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Quality(QualityCommand::CompareProfiled(moment(&v.required("from")?))))),
    },
    Entry {
        id: "profile.turn",
        title: "Columns or changes",
        verb: &[],
        same_as: Some("profile"),
        help: "Shows the columns instead of what changed about them, and the other way round.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Profile, "v")],
        example: "trommel profile mart.quotes --compare previous last",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Quality(QualityCommand::TurnProfile))),
    },
    Entry {
        id: "profile.history",
        title: "Profiles of earlier runs…",
        verb: &[],
        same_as: Some("profile"),
        help: "Lists the profiles that runs kept of a table, a row for each column and run, with how far each is from the one before.",
        arguments: &[Argument::required("subject", Input::Table, "mart.quotes", "The table")],
        keys: &[KeyBinding::on(Screen::Profile, "t")],
        example: "trommel profile mart.quotes --history",
        undo: Undo::Nothing,
        action: Action::Ask(|v| history(&subject(&v.required("subject")?))),
    },
    Entry {
        id: "profile.report",
        title: "Write a report…",
        verb: &[],
        same_as: Some("profile"),
        help: "Writes what is on screen of a profile, and what changed, as a page to read and print (.html), a workbook (.xlsx) or for programs (.json).",
        arguments: &[Argument::required("to", Input::Path, "profile.html", "The file to write")],
        keys: &[KeyBinding::on(Screen::Profile, "e")],
        example: "trommel profile mart.quotes -o profile.html",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Quality(QualityCommand::Report(PathBuf::from(v.required("to")?))))),
    },
    Entry {
        id: "table.sort",
        title: "Sort by this column",
        verb: &[],
        same_as: Some("query"),
        help: "Sorts by the column under the cursor: up, then down, then as stored.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "s")],
        example: "trommel query \"select * from mart.quotes order by price_eur\"",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::SortColumn),
    },
    Entry {
        id: "table.sort_by",
        title: "Sort by…",
        verb: &[],
        same_as: Some("query"),
        help: "Sorts the table in front by a column.",
        arguments: &[Argument::required("column", Input::Column, "price_eur", "The column"), Argument::flag("descending", "Largest first")],
        keys: &[],
        example: "trommel query \"select * from mart.quotes order by price_eur desc\"",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            let order = if v.flag("descending") { Order::Descending } else { Order::Ascending };
            Ok(Command::Table(TableCommand::Sort(vec![SortKey { column: v.required("column")?, order }])))
        }),
    },
    Entry {
        id: "table.filter",
        title: "Filter…",
        verb: &[],
        same_as: Some("query"),
        help: "Keeps the rows for which a condition holds, for instance price_eur > 100. An empty condition shows all rows.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "/")],
        example: "trommel query \"select * from mart.quotes where price_eur > 100\"",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::AskFilter),
    },
    Entry {
        id: "table.cell",
        title: "Show the whole cell",
        verb: &[],
        same_as: Some("query"),
        help: "Shows the value under the cursor whole, however long it is; in a list, opens what the row is about.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "enter")],
        example: "trommel query \"select * from mart.quotes limit 1\"",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::ShowCell),
    },
    Entry {
        id: "table.refresh",
        title: "Ask again",
        verb: &[],
        same_as: Some("query"),
        help: "Reads the rows in front again.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "r")],
        example: "trommel query mart.quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Refresh))),
    },
    Entry {
        id: "export",
        title: "Export…",
        verb: &["export"],
        same_as: None,
        help: "Writes a table, query, file or KPI whole to CSV, XLSX, Parquet, JSON or JSON lines; no row cap. The file's ending says which. Text that a spreadsheet would take for a formula is made safe unless --raw.",
        arguments: &[
            Argument::required("subject", Input::Table, "mart.quotes", "A table's name, a SELECT, a file, or kpi:NAME"),
            Argument::required("to", Input::Path, "quotes.xlsx", "The file to write"),
            Argument::flag("raw", "Leave text that looks like a formula as it is"),
        ],
        keys: &[KeyBinding::on(Screen::Table, "e")],
        example: "trommel export mart.quotes quotes.xlsx",
        undo: Undo::Additive,
        action: Action::Ask(export),
    },
    Entry {
        id: "table.explain",
        title: "Explain this query",
        verb: &[],
        same_as: Some("query"),
        help: "Says of each table of a database that the query in front reads: the SQL that is sent, the columns, the conditions that go and those that stay, each with its reason, the limit, what is added up there, and the rows.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Table, "x")],
        example: "trommel query \"select id from shop.public.orders where paid\" --explain",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Explain))),
    },
    Entry {
        id: "write",
        title: "Write to a database…",
        verb: &["write"],
        same_as: None,
        help: "Writes a table, query or file into a table of a connection's database, now, in one transaction: all rows or none. Readers see the rows of before or those of after. What is to be written again and again belongs in a sink: sinks/NAME.toml.",
        arguments: &[
            Argument::required("subject", Input::Table, "mart.quotes", "A table's name, a SELECT, or a file"),
            Argument::required("to", Input::Text, "crm:public.quotes", "The connection and its table"),
            Argument::option_or("mode", Input::Text, "replace", "replace, append or upsert"),
            Argument::option("key", Input::Text, "id", "The columns that name a row, with commas between; an upsert needs them"),
        ],
        keys: &[KeyBinding::on(Screen::Table, "w")],
        example: "trommel write mart.quotes crm:public.quotes --mode upsert --key quote_id",
        undo: Undo::Nothing,
        action: Action::Ask(write),
    },
];

/// What a text names: `kpi:NAME`, a table of the lake, an existing file, or a SELECT.
///
/// A text with a space or a line break that is no existing path is a query. Whether a path exists is
/// not known here, so `layer.table` is taken for a table when both parts are words and the second
/// is no file ending Trommel reads.
pub(crate) fn subject(text: &str) -> Subject {
    let text = text.trim();
    if let Some(kpi) = text.strip_prefix("kpi:") {
        return Subject::Kpi(kpi.to_owned());
    }
    let starts = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let first_word = starts.trim_start_matches('(');
    let looks_like_sql = text.contains(char::is_whitespace)
        && matches!(first_word, "select" | "with" | "from" | "values" | "table" | "describe" | "summarize" | "show" | "pivot" | "unpivot");
    if looks_like_sql {
        return Subject::Sql(text.to_owned());
    }
    // Behind the file's name may stand that of a sheet or of a table in it: `shop.db::orders`.
    let file = text.split_once("::").map_or(text, |(file, _)| file);
    let ending = Path::new(file).extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    const ENDINGS: [&str; 44] = [
        "csv", "tsv", "tab", "psv", "txt", "dat", "json", "geojson", "ndjson", "jsonl", "parquet", "pq", "sqlite", "sqlite3", "db", "xlsx",
        "xlsm", "xltx", "xltm", "xlam", "xls", "xlt", "xla", "xlsb", "ods", "ots", "xml", "rss", "atom", "gpx", "kml", "fwf", "prn",
        "arrow", "arrows", "feather", "ipc", "gz", "gzip", "zst", "zstd", "bz2", "xz", "zip",
    ];
    // Behind a connection's name stand schema and table.
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() == 3
        && parts.iter().all(|part| trommel_model::is_word(part) && !part.contains('-'))
        && !ENDINGS.contains(&ending.as_str())
    {
        return Subject::Sql(format!("select * from {text}"));
    }
    match text.parse() {
        Ok(name) if !ENDINGS.contains(&ending.as_str()) => Subject::Table(name),
        _ if text.contains(char::is_whitespace) && !ENDINGS.contains(&ending.as_str()) => Subject::Sql(text.to_owned()),
        _ => Subject::File(PathBuf::from(text)),
    }
}

fn profile(values: &Values) -> Outcome<Command> {
    let subject = subject(&values.required("subject")?);
    let level = match values.get("level").unwrap_or("full") {
        "full" => ProfileLevel::Full,
        "summary" => ProfileLevel::Summary,
        other => {
            let next = trommel_model::did_you_mean(other, ["summary", "full"]);
            let next = if next.is_empty() { "use summary or full".to_owned() } else { next };
            return Err(Problem::new(Code::Usage, format!("there is no level \"{other}\"")).next(next));
        }
    };
    let relations = values.flag("relations");
    if values.flag("history") {
        return history(&subject);
    }
    match values.all("compare").as_slice() {
        [] => {}
        [from] => {
            let from = moment(from);
            let to = crate::area::profile::later_than(&from);
            return Ok(Command::Quality(QualityCommand::Compare { subject, from, to }));
        }
        [from, to, ..] => return Ok(Command::Quality(QualityCommand::Compare { subject, from: moment(from), to: moment(to) })),
    }
    Ok(match (level, relations) {
        (ProfileLevel::Full, false) => Command::Profile(subject),
        _ => Command::Quality(QualityCommand::Profile { subject, level, relations }),
    })
}

/// Which profile a text names. What has a point, a slash or a space is something else to compare with.
fn moment(text: &str) -> ProfileMoment {
    match text.trim() {
        "now" => ProfileMoment::Now,
        other if other.contains(['.', '/', '\\']) || other.contains(char::is_whitespace) => ProfileMoment::Of(subject(other)),
        which => ProfileMoment::Kept(which.to_owned()),
    }
}

fn history(subject: &Subject) -> Outcome<Command> {
    match subject {
        Subject::Table(name) => Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Profiles(name.clone()))))),
        other => Err(Problem::new(Code::Usage, format!("runs keep profiles of tables, and {other} is none"))
            .next("name a table of the lake, for instance mart.quotes")),
    }
}

fn export(values: &Values) -> Outcome<Command> {
    let to = PathBuf::from(values.required("to")?);
    let format = ExportFormat::from_path(&to).ok_or_else(|| {
        Problem::new(Code::Usage, format!("cannot tell the format of {}", to.display()))
            .next("end the file's name with .csv, .xlsx, .parquet, .json or .jsonl")
    })?;
    let subject = subject(&values.required("subject")?);
    Ok(Command::Export(ExportRequest { subject, format, to: Destination::File(to), raw: values.flag("raw") }))
}

/// Into a table: `CONNECTION:TABLE`.
fn write(values: &Values) -> Outcome<Command> {
    let to = values.required("to")?;
    let usage = |what: String, next: &str| Problem::new(Code::Usage, what).next(next);
    let (connection, table) = to
        .split_once(':')
        .filter(|(connection, table)| !connection.is_empty() && !table.is_empty())
        .ok_or_else(|| usage(format!("\"{to}\" is no table of a connection"), "write CONNECTION:TABLE, for instance crm:public.quotes"))?;
    let key: Vec<String> =
        values.get("key").unwrap_or_default().split(',').map(str::trim).filter(|k| !k.is_empty()).map(str::to_owned).collect();
    let mode = match values.get("mode").unwrap_or("replace") {
        "replace" => WriteMode::Replace,
        "append" => WriteMode::Append,
        "upsert" if key.is_empty() => return Err(usage("an upsert needs a key".to_owned(), "add --key id: the columns that name a row")),
        "upsert" => WriteMode::Upsert,
        other => {
            let near = trommel_model::did_you_mean(other, ["replace", "append", "upsert"]);
            return Err(usage(
                format!("there is no mode \"{other}\""),
                if near.is_empty() { "use replace, append or upsert" } else { &near },
            ));
        }
    };
    let target = TargetTable { connection: connection.to_owned(), table: table.to_owned(), mode, key };
    let subject = subject(&values.required("subject")?);
    // A table has no format; the one that stands here is not looked at.
    Ok(Command::Export(ExportRequest { subject, format: ExportFormat::Parquet, to: Destination::Table(target), raw: true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_what_a_person_means() {
        let file = |p: &str| Subject::File(PathBuf::from(p));
        for (text, expected) in [
            ("mart.quotes", Subject::Table("mart.quotes".parse().unwrap())),
            ("quotes.csv", file("quotes.csv")),
            ("./a.b/x.tsv", file("./a.b/x.tsv")),
            ("my data.csv", file("my data.csv")),
            ("book.xlsx", file("book.xlsx")),
            ("book.xlsx::Sheet 2", file("book.xlsx::Sheet 2")),
            ("orders.xml.gz", file("orders.xml.gz")),
            ("select * from 'x.csv'", Subject::Sql("select * from 'x.csv'".to_owned())),
            ("kpi:revenue", Subject::Kpi("revenue".to_owned())),
            ("shop.public.orders", Subject::Sql("select * from shop.public.orders".to_owned())),
            ("orders.2024.csv", file("orders.2024.csv")),
        ] {
            assert_eq!(subject(text), expected, "{text}");
        }
    }
}
