//! Profile: the columns of a table, and all that is known of the one under the cursor.

use ratatui::layout::Rect;
use trommel_app::catalogue::Input;
use trommel_app::{Command, ProfileFront, QualityCommand, View, Whole};
use trommel_model::{Chart, ChartKind, ChartSeries, ColumnProfile, NumberFormat, Profile as Figures};

use super::Pane;
use crate::paint::{Line, Tone, count, width_of};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::remote;
use crate::term::context::{in_words, shell};
use crate::term::face::ScreenFace;
use crate::term::layout::{inset, side_by_side};
use crate::term::pen::Pen;
use crate::term::widgets::{List, meter};

/// The cursor on the columns.
#[derive(Default)]
pub(crate) struct Profile {
    list: List,
    pane: Pane,
    top: usize,
}

impl ScreenFace for Profile {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        if view.profile.front == ProfileFront::Changes {
            self.draw_changes(view, pen, area, small);
            return;
        }
        let Some((profile, whole)) = view.profile.shown() else {
            let area = inset(area);
            let mut lines = vec![Line::new()];
            if view.profile.subject.is_none() {
                lines.push(Line::new().gap(2).strong("Nothing is profiled yet"));
                lines.push(Line::new());
                lines.push(Line::new().gap(2).accent("p").plain("  on Sources or on a table profiles it"));
                lines.push(Line::new().gap(2).accent("^P").plain("  Profile… takes a table, a file or a SELECT"));
            } else {
                lines.extend(remote(&view.profile.profile, pen.room(area), |_| Vec::new()));
            }
            pen.lines(area, &lines, 0);
            return;
        };
        let wide = area.width >= 140;
        let (left, right) = side_by_side(area, if wide { area.width * 3 / 5 } else { area.width / 2 }, small, self.pane == Pane::Second);
        if left.width > 0 {
            let mut title = Line::new().strong(show::profile::summary(profile));
            if whole == Whole::No {
                title = title.with(Tone::Warn, "  so far");
            }
            let inside = pen.pane(left, title, self.pane == Pane::First);
            self.draw_columns(profile, pen, inside);
        }
        let Some(column) = profile.columns.get(self.list.cursor).filter(|_| right.width > 0) else { return };
        let right = if small { right } else { pen.wall(right) };
        let inside =
            pen.pane(right, Line::new().strong(&column.name).gap(1).muted(column.data_type.to_string()), self.pane == Pane::Second);
        let mut lines = detail(profile, column, pen, inside);
        lines.extend(wrong(view, &column.name, usize::from(inside.width), pen.room(inside)));
        let together: Vec<String> = profile.relations.iter().flat_map(|relations| relations.told(Some(&column.name))).collect();
        if !together.is_empty() {
            lines.push(Line::new());
            lines.extend(together.into_iter().map(|told| Line::new().plain(told)));
        }
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height)));
        pen.lines(inside, &lines, self.top);
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let columns = match view.profile.front {
            ProfileFront::Columns => view.profile.shown().map_or(0, |(p, _)| p.columns.len()),
            ProfileFront::Changes => view.profile.change.latest().map_or(0, |c| c.columns.len()),
        };
        match (key, self.pane) {
            ("tab" | "backtab", pane) => self.pane = pane.other(),
            ("right" | "l", Pane::First) => self.pane = Pane::Second,
            ("left" | "h" | "esc", Pane::Second) => self.pane = Pane::First,
            ("esc", Pane::First) if view.profile.front == ProfileFront::Changes && view.profile.profile.latest().is_some() => {
                return Some(vec![Act::Ask(Command::Quality(QualityCommand::TurnProfile))]);
            }
            ("down" | "j", Pane::Second) => self.top += 1,
            ("up" | "k", Pane::Second) => self.top = self.top.saturating_sub(1),
            (_, Pane::First) if self.list.key(key, columns) => self.top = 0,
            _ => return None,
        }
        Some(Vec::new())
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let subject = view.profile.subject.as_ref()?;
        (input == Input::Table).then(|| in_words(subject)).filter(|t| !t.is_empty())
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("tab", "pane")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        let subject = view.profile.subject.as_ref().map(in_words).unwrap_or_default();
        let compared = view.profile.change.latest().filter(|_| view.profile.front == ProfileFront::Changes);
        let compared = compared.map_or_else(String::new, |c| format!(" --compare {} {}", shell(&c.from.of), shell(&c.to.of)));
        format!("profile {}{compared}", shell(&subject))
    }
}

impl Profile {
    fn draw_changes(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let (Some(change), None) = (view.profile.change.latest(), view.profile.change.problem()) else {
            let area = inset(area);
            let mut lines = vec![Line::new()];
            lines.extend(remote(&view.profile.change, pen.room(area), |_| Vec::new()));
            pen.lines(area, &lines, 0);
            return;
        };
        let (left, right) = side_by_side(area, area.width / 2, small, self.pane == Pane::Second);
        if left.width > 0 {
            let title = Line::new().strong(&change.subject).muted(format!("  {}", change.summary()));
            let inside = pen.pane(left, title, self.pane == Pane::First);
            let glyphs = pen.glyphs();
            let names = change.columns.iter().map(|c| width_of(&c.name)).max().unwrap_or(0).clamp(6, 28);
            let figure = |x: Option<f64>| right_side(Line::new().plain(x.map_or_else(String::new, |x| format!("{x:.2}"))), 6);
            let line = |c: &trommel_model::ColumnChange| {
                let (sign, tone) = show::change::sign(c.weight, glyphs);
                Line::new()
                    .gap(1)
                    .with(tone, sign)
                    .gap(1)
                    .append(Line::new().plain(&c.name).cut(names, glyphs).padded(names))
                    .append(figure(c.psi))
                    .append(figure(c.ks))
                    .gap(2)
                    .with(tone, c.remarks.first().map_or("", String::as_str))
                    .cut(usize::from(inside.width), glyphs)
            };
            let lines: Vec<Line> = change.columns.iter().map(line).collect();
            pen.line(inside, 0, &Line::new().gap(3).muted("column").gap(names.saturating_sub(6)).muted("   PSI    KS  what"));
            let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
            self.list.draw(pen, body, &lines, self.pane == Pane::First);
        }
        let Some(column) = change.columns.get(self.list.cursor).filter(|_| right.width > 0) else { return };
        let right = if small { right } else { pen.wall(right) };
        let inside = pen.pane(right, Line::new().strong(&column.name), self.pane == Pane::Second);
        let lines = show::change::about(change, column, pen.room(inside));
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height)));
        pen.lines(inside, &lines, self.top);
    }

    fn draw_columns(&mut self, profile: &Figures, pen: &mut Pen<'_>, area: Rect) {
        let glyphs = pen.glyphs();
        let width = usize::from(area.width);
        // Columns come in as there is room for them.
        let (wide, shapes) = (width >= 56, width >= 84);
        let names = profile.columns.iter().map(|c| width_of(&c.name)).max().unwrap_or(0).clamp(6, if shapes { 32 } else { 16 });
        let types = if shapes { 16 } else { 8 };
        let lines: Vec<Line> = profile
            .columns
            .iter()
            .map(|c| {
                let full = 1.0 - if profile.rows > 0 { c.nulls as f64 / profile.rows as f64 } else { 0.0 };
                let tone = if c.nulls == 0 { Tone::Good } else { Tone::Warn };
                let mut line = Line::new()
                    .gap(1)
                    .append(Line::new().plain(&c.name).cut(names, glyphs).padded(names))
                    .gap(1)
                    .append(Line::new().muted(c.data_type.to_string()).cut(types, glyphs).padded(types))
                    .gap(1)
                    .append(right_side(show::profile::nulls(c, profile.rows), 7));
                if wide {
                    line = line.gap(2).append(meter(full, 10, glyphs, tone));
                    line = line.gap(2).append(right_side(Line::new().plain(show::profile::distinct(c.distinct)), 12));
                }
                if shapes {
                    line = line.gap(2).accent(show::profile::shape(c, 16, glyphs));
                }
                line.cut(width, glyphs)
            })
            .collect();
        let head = Line::new()
            .gap(1)
            .muted("column")
            .gap(names.saturating_sub(6) + 1)
            .muted("type")
            .gap(types - 4 + 1)
            .muted("  nulls")
            .muted(if wide { "  filled          distinct" } else { "" })
            .muted(if shapes { "  shape" } else { "" });
        pen.line(area, 0, &head);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        self.list.draw(pen, body, &lines, self.pane == Pane::First);
    }
}

/// All that is known of a column: facts, histogram, most frequent values.
fn detail(profile: &Figures, column: &ColumnProfile, pen: &Pen<'_>, area: Rect) -> Vec<Line> {
    let glyphs = pen.glyphs();
    let width = usize::from(area.width);
    let mut lines = show::report::facts(&trommel_model::profile_facts(column, profile.rows), pen.room(area));
    if !column.histogram.is_empty() {
        lines.push(Line::new());
        lines.extend(histogram(column, width, if area.height > 30 { 10 } else { 5 }, glyphs));
    }
    if !column.top.is_empty() {
        lines.push(Line::new());
        lines.push(Line::new().muted("most frequent"));
        let largest = column.top.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
        let names = (width / 2).clamp(8, 40);
        for (value, n) in &column.top {
            let bar = width.saturating_sub(names + 12).min(30);
            let text = if value.is_null() { "null".to_owned() } else { value.text() };
            let text = if text.is_empty() { "(empty)".to_owned() } else { text };
            lines.push(
                Line::new()
                    .append(Line::new().plain(text).cut(names, glyphs).padded(names))
                    .append(right_side(Line::new().plain(count(*n)), 10))
                    .gap(1)
                    .append(meter(*n as f64 / largest as f64, bar, glyphs, Tone::Accent)),
            );
        }
    }
    for note in &profile.notes {
        lines.push(Line::new());
        lines.extend(crate::paint::wrap(note, width).into_iter().map(|l| Line::new().with(Tone::Warn, l)));
    }
    lines
}

/// The cells of a column that look wrong, once they were asked for.
fn wrong(view: &View<'_>, column: &str, width: usize, room: crate::paint::Room) -> Vec<Line> {
    const SHOWN: usize = 20;
    if view.profile.findings == trommel_app::Remote::NotAsked {
        return Vec::new();
    }
    let mut lines = vec![Line::new(), Line::new().muted("cells that look wrong")];
    lines.extend(remote(&view.profile.findings, room, |findings| {
        let own: Vec<_> = findings.cells.iter().filter(|c| c.column == column).collect();
        if own.is_empty() {
            return vec![Line::new().plain("none in this column")];
        }
        let names = (width / 3).clamp(8, 30);
        let line = |cell: &&trommel_model::Finding| {
            Line::new()
                .append(right_side(Line::new().muted(count(cell.row)), 9))
                .gap(1)
                .append(Line::new().plain(&cell.value).cut(names, room.glyphs).padded(names))
                .gap(1)
                .with(Tone::Warn, &cell.rule)
                .muted(cell.suggestion.as_ref().map(|s| format!(" {s}")).unwrap_or_default())
                .cut(width, room.glyphs)
        };
        let mut lines: Vec<Line> = own.iter().take(SHOWN).map(line).collect();
        if own.len() > SHOWN {
            lines.push(Line::new().muted(format!("and {} more", count((own.len() - SHOWN) as u64))));
        }
        lines
    }));
    lines
}

/// The histogram as upright bars over the range from smallest to largest.
fn histogram(column: &ColumnProfile, width: usize, rows: usize, glyphs: crate::paint::Glyphs) -> Vec<Line> {
    // Bins are periods of equal width: the chart of bars over time draws just that.
    let labels = (0..column.histogram.len()).map(|_| "0000".to_owned()).collect();
    let chart = Chart {
        title: String::new(),
        kind: ChartKind::Bar,
        labels,
        series: vec![ChartSeries { name: String::new(), values: column.histogram.iter().map(|n| Some(*n as f64)).collect() }],
        format: NumberFormat::Integer,
        unit: String::new(),
        target: None,
    };
    let mut lines = show::chart::chart(&chart, width.min(70), rows + 3, glyphs);
    lines.pop();
    if let Some(first) = lines.first_mut() {
        *first = Line::new().muted("rows by value, from smallest to largest");
    }
    lines
}

fn right_side(line: Line, width: usize) -> Line {
    Line::new().gap(width.saturating_sub(line.width())).append(line)
}
