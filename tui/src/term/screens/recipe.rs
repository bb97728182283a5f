//! Recipe: its steps, rows before and after with changed cells marked, counts for the sample and the whole.

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{Command, View};
use trommel_model::{ModelKind, ModelSpec, PreviewCounts, RecipePreview, RowCount, RowFate};

use super::sources::preview;
use crate::paint::{Line, Tone, count};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::remote;
use crate::term::face::ScreenFace;
use crate::term::layout::side_by_side;
use crate::term::pen::Pen;
use crate::term::widgets::List;
use crate::term::widgets::grid::{Data, Grid, Mark};

/// Cursors on the recipes, the steps and the rows.
#[derive(Default)]
pub(crate) struct Recipe {
    list: List,
    before: Grid,
    after: Grid,
    pane: Focus,
    /// First line of the steps in sight.
    top: usize,
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Focus {
    #[default]
    Recipes,
    Steps,
    After,
    Before,
}

impl ScreenFace for Recipe {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let recipes = recipes(view);
        if recipes.is_empty() {
            let text = "The workspace has no recipe: write models/LAYER/NAME.toml with steps";
            pen.line(area, 1.min(area.height.saturating_sub(1)), &Line::new().gap(3).muted(text));
            return;
        }
        let (left, right) =
            side_by_side(area, if area.width >= 140 { 48 } else { 28 }, small, matches!(self.pane, Focus::After | Focus::Before));
        if left.width > 0 {
            self.draw_steps(view, &recipes, pen, left);
        }
        if right.width > 0 {
            let right = if small { right } else { pen.wall(right) };
            match view.recipe.preview.latest() {
                Some(preview) if view.recipe.preview.problem().is_none() => self.draw_rows(preview, pen, right, small),
                _ => {
                    let lines = if view.recipe.model.is_none() {
                        vec![Line::new(), Line::new().accent("enter").plain("  previews the recipe under the cursor")]
                    } else {
                        remote(&view.recipe.preview, pen.room(right), |_| Vec::new())
                    };
                    pen.lines(right, &lines, 0);
                }
            }
        }
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let preview = view.recipe.preview.latest();
        let size = |w: Option<&trommel_model::Window>| w.map_or((0, 0), |w| (w.rows.len() as u64, w.schema.fields.len()));
        match (key, self.pane) {
            ("tab", Focus::Recipes) | ("backtab", Focus::After) => self.pane = Focus::Steps,
            ("right" | "l", Focus::Recipes | Focus::Steps) | ("tab", Focus::Steps) | ("backtab", Focus::Before) => self.pane = Focus::After,
            ("tab", Focus::After) | ("backtab", Focus::Recipes) => self.pane = Focus::Before,
            ("tab" | "esc", Focus::Before) | ("backtab" | "esc", Focus::Steps) | ("esc", Focus::After) => self.pane = Focus::Recipes,
            ("down" | "j", Focus::Steps) => self.top += 1,
            ("up" | "k", Focus::Steps) => self.top = self.top.saturating_sub(1),
            (_, Focus::Recipes) if self.list.key(key, recipes(view).len()) => self.top = 0,
            (_, Focus::Recipes | Focus::Steps) => return None,
            (_, Focus::After) => {
                let (rows, columns) = size(preview.map(|p| &p.after));
                return self.after.key(key, rows, columns).then(Vec::new);
            }
            (_, Focus::Before) => {
                let (rows, columns) = size(preview.map(|p| &p.before));
                return self.before.key(key, rows, columns).then(Vec::new);
            }
        }
        Some(Vec::new())
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        match (action, recipes(view).get(self.list.cursor)) {
            (FaceAction::OpenSelected, Some(model)) => vec![Act::Ask(preview(model.name.to_string()))],
            _ => Vec::new(),
        }
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let under = recipes(view).get(self.list.cursor).map(|m| m.name.to_string());
        matches!(input, Input::Recipe | Input::Table | Input::Model).then_some(under).flatten()
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("tab", "pane")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        let model = view.recipe.model.clone().or_else(|| self.value(Input::Recipe, view)).unwrap_or_default();
        format!("recipe preview {model}")
    }

    fn wants(&mut self, _view: &View<'_>) -> Vec<Command> {
        Vec::new()
    }
}

impl Recipe {
    fn draw_steps(&mut self, view: &View<'_>, recipes: &[&ModelSpec], pen: &mut Pen<'_>, area: Rect) {
        let glyphs = pen.glyphs();
        let rows = (recipes.len() as u16 + 1).min(area.height / 2).max(2);
        let focused = self.pane == Focus::Recipes;
        let inside = pen.pane(Rect { height: rows.min(area.height), ..area }, Line::new().strong("Recipes"), focused);
        let lines: Vec<Line> = recipes
            .iter()
            .map(|m| {
                let open = view.recipe.model.as_deref() == Some(m.name.to_string().as_str());
                let mark = if open { glyphs.then() } else { " " };
                Line::new().gap(1).accent(mark).gap(1).plain(m.name.to_string())
            })
            .collect();
        self.list.draw(pen, inside, &lines, focused);
        let mut below = Rect { y: area.y + rows, height: area.height.saturating_sub(rows), ..area };
        if let Some(preview) = view.recipe.preview.latest() {
            let lines = counts(preview);
            let height = (lines.len() as u16 + 1).min(below.height.saturating_sub(4));
            let foot = Rect { y: below.bottom() - height, height, ..below };
            let inside = pen.pane(foot, Line::new().strong("Counts"), false);
            pen.lines(inside, &lines, 0);
            below.height -= height;
        }
        let Some(ModelKind::Recipe(recipe)) = recipes.get(self.list.cursor).map(|m| &m.kind) else { return };
        let title = Line::new().strong("Steps").muted(format!(" from {}", recipe.from));
        let inside = pen.pane(below, title, self.pane == Focus::Steps);
        let mut steps = Vec::new();
        for (i, step) in recipe.steps.iter().enumerate() {
            let text = show::recipe::step(step);
            for (row, part) in crate::paint::wrap(&text, usize::from(inside.width).saturating_sub(4)).into_iter().enumerate() {
                let mark = if row == 0 { format!("{:>3} ", i + 1) } else { "    ".to_owned() };
                steps.push(Line::new().muted(mark).plain(part));
            }
        }
        let room = usize::from(inside.height);
        self.top = self.top.min(steps.len().saturating_sub(room));
        let below = steps.len().saturating_sub(self.top + room);
        if below > 0 && room > 1 {
            // What is below the edge is said on the last line.
            steps.truncate(self.top + room - 1);
            steps.push(Line::new().muted(format!("    {} more lines", below + 1)));
        }
        pen.lines(inside, &steps, self.top);
    }

    fn draw_rows(&mut self, preview: &RecipePreview, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let rest = area;
        let (upper, lower) = if area.width >= 120 && !small {
            let half = rest.width / 2;
            (Rect { width: half, ..rest }, Rect { x: rest.x + half, width: rest.width - half, ..rest })
        } else {
            let half = rest.height / 2;
            (Rect { height: half, ..rest }, Rect { y: rest.y + half, height: rest.height - half, ..rest })
        };
        let (fates, changed) = (&preview.fates, changed_cells(preview));
        let gone = |row: usize| !matches!(fates.get(row), Some(RowFate::Kept { .. }) | None);
        let inside = pen.pane(upper, Line::new().strong("Before"), self.pane == Focus::Before);
        let before = |row: usize, _column: usize| if gone(row) { Mark::Gone } else { Mark::Same };
        let rows = Some(RowCount::Known(preview.before.rows.len() as u64));
        self.before.draw(pen, inside, &Data { window: &preview.before, rows, sort: &[], mark: &before }, self.pane == Focus::Before);
        let inside = pen.pane(
            lower,
            Line::new().strong("After").gap(1).with(Tone::Accent, pen.glyphs().pick("▸", "*")).muted(" changed"),
            self.pane == Focus::After,
        );
        let after =
            |row: usize, column: usize| if changed.get(row).is_some_and(|c| c.contains(&column)) { Mark::Changed } else { Mark::Same };
        let rows = Some(RowCount::Known(preview.after.rows.len() as u64));
        self.after.draw(pen, inside, &Data { window: &preview.after, rows, sort: &[], mark: &after }, self.pane == Focus::After);
    }
}

/// Counts of the sample and of the whole side by side.
fn counts(preview: &RecipePreview) -> Vec<Line> {
    let (sample, whole) = (&preview.sample, preview.whole.as_ref());
    let figure = |name: &str, of: &dyn Fn(&PreviewCounts) -> u64, tone: Tone| {
        let (small, large) = (of(sample), whole.map(of));
        let tone = if small + large.unwrap_or(0) == 0 { Tone::Muted } else { tone };
        let right = |text: String, width: usize| Line::new().gap(width.saturating_sub(text.len())).with(tone, text);
        let large = large.map_or_else(|| "-".to_owned(), count);
        Line::new().gap(1).append(Line::new().muted(name).padded(9)).append(right(count(small), 7)).append(right(large, 10))
    };
    vec![
        Line::new().gap(10).muted(" sample").muted("     whole"),
        figure("rows in", &|c| c.rows_in, Tone::Plain),
        figure("changed", &|c| c.changed_rows, Tone::Accent),
        figure("expanded", &|c| c.expanded, Tone::Plain),
        figure("filtered", &|c| c.filtered, Tone::Plain),
        figure("merged", &|c| c.merged, Tone::Plain),
        figure("held", &|c| c.quarantined, Tone::Warn),
        figure("rows out", &|c| c.rows_out, Tone::Plain),
    ]
}

/// Changed columns of each row of `after`.
fn changed_cells(preview: &RecipePreview) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new(); preview.after.rows.len()];
    for fate in &preview.fates {
        if let RowFate::Kept { row, changed } = fate
            && let Some(cells) = all.get_mut(*row)
        {
            cells.clone_from(changed);
        }
    }
    all
}

fn recipes<'a>(view: &View<'a>) -> Vec<&'a ModelSpec> {
    let workspace = view.workspace.current.latest();
    workspace.into_iter().flat_map(|w| &w.models).filter(|m| matches!(m.kind, ModelKind::Recipe(_))).collect()
}
