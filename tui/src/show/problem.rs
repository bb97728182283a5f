//! A fault in words: what, where, why, what to do next and a code; with the source text and a caret when there is one.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use trommel_model::{Problem, sanitise};

use crate::paint::{Glyphs, Ink, Line, Room, Tone, wrap};

/// The fault as a report with a source snippet, of several lines, without a line break at the end.
pub(crate) fn full(problem: &Problem, ink: Ink, room: Room) -> String {
    let safe = |text: &str| text.lines().map(|l| sanitise(l).into_owned()).collect::<Vec<_>>().join("\n");
    let mut parts: Vec<Element<'_>> = Vec::new();
    let place = &problem.place;
    match &problem.snippet {
        Some(snippet) => parts.push(
            Snippet::source(snippet.source.as_str())
                .path(sanitise(&snippet.origin).into_owned())
                .annotation(AnnotationKind::Primary.span(snippet.span.clone()).label(safe(&snippet.label)))
                .into(),
        ),
        None => {
            if let Some(file) = &place.file {
                let mut origin = Origin::path(sanitise(&file.display().to_string()).into_owned());
                if let Some(line) = place.line {
                    origin = origin.line(line as usize);
                    if let Some(column) = place.column {
                        origin = origin.char_column(column as usize);
                    }
                }
                parts.push(origin.into());
            }
        }
    }
    let record = trommel_model::Place { row: place.row, field: place.field.clone(), ..trommel_model::Place::default() };
    if !record.is_nowhere() {
        parts.push(Level::NOTE.with_name("at").message(safe(&record.to_string())).into());
    }
    if let Some(why) = &problem.why {
        parts.push(Level::NOTE.with_name("why").message(safe(why)).into());
    }
    if let Some(next) = &problem.next {
        parts.push(Level::HELP.with_name("next").message(safe(next)).into());
    }
    let title = Level::ERROR.primary_title(safe(&problem.what)).id(problem.code.name());
    let decor = match room.glyphs {
        Glyphs::Unicode => DecorStyle::Unicode,
        Glyphs::Ascii => DecorStyle::Ascii,
    };
    let renderer = match ink {
        Ink::Colour => Renderer::styled(),
        Ink::None => Renderer::plain(),
    };
    let renderer = renderer.decor_style(decor).term_width(room.width.unwrap_or(140));
    let text = renderer.render(&[title.elements(parts)]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The fault in a few lines, for panes and lists.
pub(crate) fn brief(problem: &Problem, room: Room) -> Vec<Line> {
    let columns = room.width.unwrap_or(100).max(20);
    let mut lines = Vec::new();
    let mut say = |sign: &str, tone: Tone, text: &str, text_tone: Tone| {
        for (i, part) in wrap(text, columns.saturating_sub(2)).into_iter().enumerate() {
            let mark = if i == 0 { format!("{sign:<2}") } else { "  ".to_owned() };
            lines.push(Line::new().with(tone, mark).with(text_tone, part));
        }
    };
    say(room.glyphs.bad(), Tone::Bad, &problem.what, Tone::Strong);
    if !problem.place.is_nowhere() {
        say("", Tone::Muted, &problem.place.to_string(), Tone::Muted);
    }
    if let Some(why) = &problem.why {
        say("", Tone::Plain, why, Tone::Plain);
    }
    if let Some(next) = &problem.next {
        say(room.glyphs.then(), Tone::Accent, next, Tone::Plain);
    }
    lines
}

/// Everything there is to say, for a pop-up: the report in plain lines.
pub(crate) fn whole(problem: &Problem, room: Room) -> Vec<Line> {
    full(problem, Ink::None, room).lines().map(|l| Line::new().plain(l)).collect()
}

/// One line: what, and what to do next.
pub(crate) fn one_line(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{problem}; {next}"),
        None => problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use trommel_model::Code;

    use super::*;

    fn shown(problem: &Problem, glyphs: Glyphs) -> String {
        full(problem, Ink::None, Room { width: Some(80), glyphs })
    }

    fn sql_fault() -> Problem {
        let sql = "select\n  pric,\n  city\nfrom raw.quotes";
        let at = sql.find("pric").unwrap();
        Problem::new(Code::BadSql, "there is no column \"pric\"")
            .pointing_at("models/mart/revenue.sql", sql, at..at + 4, "not in raw.quotes")
            .next("did you mean \"price\"?")
    }

    #[test]
    fn a_fault_in_a_text_shows_the_text_and_a_caret() {
        insta::assert_snapshot!(shown(&sql_fault(), Glyphs::Unicode), @r#"
        error[bad-sql]: there is no column "pric"
          ╭▸ models/mart/revenue.sql:2:3
          │
        2 │   pric,
          │   ━━━━ not in raw.quotes
          │
          ╰ next: did you mean "price"?
        "#);
        insta::assert_snapshot!(shown(&sql_fault(), Glyphs::Ascii), @r#"
        error[bad-sql]: there is no column "pric"
         --> models/mart/revenue.sql:2:3
          |
        2 |   pric,
          |   ^^^^ not in raw.quotes
          |
          = next: did you mean "price"?
        "#);
    }

    #[test]
    fn a_fault_in_a_file_says_where() {
        let problem = Problem::new(Code::BadCsv, "a quote is not closed")
            .in_file("quotes.csv")
            .at_line(3_000_000)
            .at_row(2_999_999)
            .at_field("name")
            .why("the file ends inside a quoted field")
            .next("close the quote, or set csv.quote in sources/quotes.toml");
        insta::assert_snapshot!(shown(&problem, Glyphs::Unicode), @r#"
        error[bad-csv]: a quote is not closed
         ╭▸ quotes.csv:3000000
         ├ at: row 2999999, field "name"
         ├ why: the file ends inside a quoted field
         ╰ next: close the quote, or set csv.quote in sources/quotes.toml
        "#);
    }

    #[test]
    fn a_fault_from_nowhere_is_short() {
        insta::assert_snapshot!(shown(&Problem::interrupted(), Glyphs::Unicode), @r"
        error[interrupted]: interrupted
         │
         ╰ next: nothing was published; run again to start over
        ");
    }

    #[test]
    fn escapes_in_sources_paths_and_words_are_shown_not_sent() {
        let evil = "a\u{1b}[2Jb";
        let problem =
            Problem::new(Code::BadToml, evil).pointing_at(evil, evil, 0..1, evil).why(evil).next(evil).in_file(evil).at_field(evil);
        for ink in [Ink::None, Ink::Colour] {
            let text = full(&problem, ink, Room { width: Some(80), glyphs: Glyphs::Unicode });
            assert!(!text.contains("\u{1b}[2J"), "{text:?}");
        }
    }

    #[test]
    fn brief_lines_keep_to_the_width() {
        let room = Room { width: Some(30), glyphs: Glyphs::Unicode };
        let lines = brief(&sql_fault().why("a reason that does not fit on one line of thirty columns"), room);
        assert!(lines.iter().all(|l| l.width() <= 30));
        assert!(lines.len() >= 5);
    }
}
