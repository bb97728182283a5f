//! Board: KPI cards with change and target, line and bar charts.

use ratatui::layout::Rect;
use trommel_app::View;
use trommel_app::catalogue::Input;
use trommel_model::{BoardValues, CardChart, CardSpec, Chart, KpiValues, spark};

use crate::paint::{Line, Room, Tone};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::remote;
use crate::term::context::shell;
use crate::term::face::ScreenFace;
use crate::term::layout::inset;
use crate::term::pen::Pen;
use crate::term::widgets::cards::{Size, first_row, rows};

/// The cursor on the cards.
#[derive(Default)]
pub(crate) struct Board {
    cursor: usize,
    first: usize,
    /// Cards of each row of the last frame, for going up and down.
    rows: Vec<Vec<usize>>,
}

impl ScreenFace for Board {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, _small: bool) {
        let Some(values) = view.board.values.latest() else {
            let area = inset(area);
            let mut lines = vec![Line::new()];
            let boards = view.workspace.current.latest().map_or(0, |w| w.boards.len());
            if view.board.name.is_none() && boards == 0 {
                lines.push(Line::new().gap(2).muted("The workspace has no board: write boards/NAME.toml"));
            } else {
                lines.extend(remote(&view.board.values, pen.room(area), |_| Vec::new()));
            }
            pen.lines(area, &lines, 0);
            return;
        };
        pen.line(area, 0, &heading(values, view, pen));
        let mut page = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
        if let Some(problem) = view.board.values.problem() {
            let lines = show::problem::brief(problem, pen.room(page));
            let taken = (lines.len() as u16).min(page.height / 2);
            pen.lines(Rect { height: taken, ..page }, &lines, 0);
            page = Rect { y: page.y + taken, height: page.height - taken, ..page };
        }
        self.draw_cards(values, pen, page);
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let cards = view.board.values.latest().map_or(0, |v| v.spec.cards.len());
        let last = cards.saturating_sub(1);
        self.cursor = match key {
            "right" | "l" | "tab" => (self.cursor + 1).min(last),
            "left" | "h" | "backtab" => self.cursor.saturating_sub(1),
            "down" | "j" => self.beside(1),
            "up" | "k" => self.beside(-1),
            "g" | "home" => 0,
            "G" | "end" => last,
            _ => return None,
        };
        Some(Vec::new())
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        match input {
            Input::Kpi => Some(view.board.values.latest()?.spec.cards.get(self.cursor)?.kpi.clone()),
            Input::Board => view.board.name.clone(),
            Input::Table => self.value(Input::Kpi, view).map(|k| format!("kpi:{k}")),
            _ => None,
        }
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("hjkl", "choose")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        view.board.name.as_ref().map_or_else(|| "board".to_owned(), |name| format!("board {}", shell(name)))
    }
}

impl Board {
    fn draw_cards(&mut self, values: &BoardValues, pen: &mut Pen<'_>, page: Rect) {
        let cards = &values.spec.cards;
        self.cursor = self.cursor.min(cards.len().saturating_sub(1));
        let sizes: Vec<Size> = cards.iter().map(|c| size(c, values)).collect();
        let rows = rows(&sizes, page.width, page.height);
        self.rows = rows.iter().map(|r| r.cards.clone()).collect();
        self.first = first_row(&rows, self.cursor, self.first, page.height);
        let mut y = page.y;
        for row in &rows[self.first.min(rows.len())..] {
            let left = page.bottom().saturating_sub(y);
            // A card cut off at the bottom says too little.
            if left < 4 {
                break;
            }
            let height = row.height.min(left);
            let width = page.width / row.cards.len().max(1) as u16;
            for (i, &card) in row.cards.iter().enumerate() {
                let at = Rect { x: page.x + width * i as u16, y, width, height };
                let at = Rect { width: at.width.saturating_sub(u16::from(i + 1 < row.cards.len())), ..at };
                let spec = &cards[card];
                match values.kpis.iter().find(|k| k.name == spec.kpi) {
                    Some(kpi) => draw_card(spec, kpi, pen, at, card == self.cursor),
                    None => pen.line(at, 0, &Line::new().muted(format!("{} has no values", spec.kpi))),
                }
            }
            y += height;
        }
    }

    /// The card above or below the one under the cursor.
    fn beside(&self, step: isize) -> usize {
        let Some(at) = self.rows.iter().position(|r| r.contains(&self.cursor)) else { return self.cursor };
        let place = self.rows[at].iter().position(|c| *c == self.cursor).unwrap_or(0);
        let Some(row) = at.checked_add_signed(step).and_then(|r| self.rows.get(r)) else { return self.cursor };
        row.get(place).or(row.last()).copied().unwrap_or(self.cursor)
    }
}

/// Bars by name need a row each; other charts take what there is.
fn size(card: &CardSpec, values: &BoardValues) -> Size {
    if card.chart == CardChart::Number {
        return Size::Small;
    }
    let by = card.by.as_ref().filter(|_| card.chart == CardChart::Bar);
    let kpi = values.kpis.iter().find(|k| k.name == card.kpi);
    let breakdown = by.and_then(|by| kpi?.by_dimension.iter().find(|d| &d.dimension == by));
    Size::Large(breakdown.map(|b| b.values.len() as u16 + 3))
}

fn heading(values: &BoardValues, view: &View<'_>, pen: &Pen<'_>) -> Line {
    let mut line = Line::new().gap(1).strong(&values.spec.title).muted(format!("  snapshot {}", values.snapshot));
    if view.board.values.is_pending() {
        line = line.muted(format!("  computing{}", pen.glyphs().ellipsis()));
    }
    line
}

fn draw_card(spec: &CardSpec, kpi: &KpiValues, pen: &mut Pen<'_>, area: Rect, selected: bool) {
    let chart = (spec.chart != CardChart::Number).then(|| Chart::of(kpi, spec));
    let title = chart.as_ref().map_or_else(|| kpi.title.clone(), |c| c.title.clone());
    let inside = pen.pane(area, Line::new().strong(title), selected);
    let inside = Rect { x: inside.x + 2.min(inside.width), width: inside.width.saturating_sub(3), ..inside };
    let room = pen.room(inside);
    match chart {
        None => {
            let lines = number(kpi, room);
            pen.lines(inside, &lines, 0);
        }
        Some(chart) => {
            let mut lines = show::chart::chart(&chart, usize::from(inside.width), usize::from(inside.height), pen.glyphs());
            // The title stands in the heading of the pane; the target, if any, is worth the line.
            if let Some(first) = lines.first_mut() {
                *first = show::kpi::headline(kpi, room);
            }
            pen.lines(inside, &lines, 0);
        }
    }
}

/// The newest value, its change, the target, and the trend.
fn number(kpi: &KpiValues, room: Room) -> Vec<Line> {
    let mut first = Line::new().strong(show::kpi::newest(kpi));
    if let Some((text, tone)) = show::kpi::change(kpi, room) {
        first = first.gap(2).with(tone, text);
    }
    let second = match show::kpi::target(kpi, room) {
        Some((text, tone)) => Line::new().with(tone, text),
        None => Line::new().muted(kpi.current.as_ref().map_or_else(|| "over all rows".to_owned(), |p| format!("in {}", p.period))),
    };
    let series: Vec<Option<f64>> = kpi.series.iter().map(|p| p.value).collect();
    let trend = Line::new().with(Tone::Series(0), spark(&series, room.width.unwrap_or(20), room.glyphs.spark()));
    vec![first, second, trend]
}
