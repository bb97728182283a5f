//! Match: pairs by score with a threshold that moves, pairs in doubt side by side, golden record, entities that would
//! change, KPIs.

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{ALL_KPIS, Command, Foremost, MatchSubject, NoticeKind, PreviewRequest, ReviewCommand, View};
use trommel_model::{MatchPreview, ModelKind};

use crate::paint::{Line, Tone, count};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::remote;
use crate::term::face::ScreenFace;
use crate::term::layout::side_by_side;
use crate::term::pen::Pen;
use crate::term::widgets::List;

/// Rows of the bars.
const BARS: usize = 6;
/// Below so many rows the bars are one row.
const LOW: u16 = 28;

/// Cursors on the matches and the pairs, and what is in sight below.
#[derive(Default)]
pub(crate) struct Matching {
    models: List,
    pairs: List,
    pane: Focus,
    /// First line in sight of a pane that scrolls.
    top: usize,
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Focus {
    #[default]
    Pairs,
    Golden,
    Changes,
    Kpis,
    Notes,
}

impl Focus {
    const ALL: [Self; 5] = [Self::Pairs, Self::Golden, Self::Changes, Self::Kpis, Self::Notes];

    fn title(self) -> &'static str {
        match self {
            Self::Pairs => "Pairs in doubt",
            Self::Golden => "Golden record",
            Self::Changes => "Entities that change",
            Self::Kpis => "KPIs",
            Self::Notes => "Notes",
        }
    }

    fn beside(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|f| *f == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}

impl ScreenFace for Matching {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let Some(preview) = view.review.preview.latest().filter(|_| view.review.preview.problem().is_none()) else {
            self.draw_models(view, pen, area, small);
            return;
        };
        // Where rows are few, the pair that is to be decided gets them.
        let upper = if area.height < LOW { 5 } else { BARS as u16 + 5 }.min(area.height);
        if small {
            self.draw_lower(view, preview, pen, area);
            return;
        }
        draw_threshold(view, preview, pen, Rect { height: upper, ..area });
        self.draw_lower(view, preview, pen, Rect { y: area.y + upper, height: area.height - upper, ..area });
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let Some(preview) = view.review.preview.latest() else {
            return self.models.key(key, matches(view).len()).then(Vec::new);
        };
        match (key, self.pane) {
            // Nobody decides about a pair that is not in sight.
            ("m" | "n", Focus::Changes | Focus::Kpis | Focus::Notes) => {
                (self.pane, self.top) = (Focus::Pairs, 0);
                return Some(vec![Act::Say(NoticeKind::Info, "this is the pair; press the key again to decide".to_owned())]);
            }
            ("tab", pane) => (self.pane, self.top) = (pane.beside(1), 0),
            ("backtab", pane) => (self.pane, self.top) = (pane.beside(Focus::ALL.len() - 1), 0),
            ("left" | "h", _) => return Some(vec![Act::Ask(Command::Review(ReviewCommand::Move(-1)))]),
            ("right" | "l", _) => return Some(vec![Act::Ask(Command::Review(ReviewCommand::Move(1)))]),
            (_, Focus::Pairs) => {
                self.pairs.cursor = view.review.pair;
                if !self.pairs.key(key, preview.pairs.len()) {
                    return None;
                }
                return Some(vec![Act::Ask(Command::Review(ReviewCommand::Select(self.pairs.cursor)))]);
            }
            ("down" | "j", _) => self.top += 1,
            ("up" | "k", _) => self.top = self.top.saturating_sub(1),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        let looking = view.review.preview.latest().is_some() && view.review.preview.problem().is_none();
        match (action, matches(view).get(self.models.cursor)) {
            (FaceAction::OpenSelected, Some(name)) if !looking => vec![Act::Ask(Command::Review(ReviewCommand::Preview(PreviewRequest {
                subject: MatchSubject::Model(name.clone()),
                labels: None,
                kpis: vec![ALL_KPIS.to_owned()],
                threshold: None,
                html: None,
                first: Foremost::Thresholds,
            })))],
            _ => Vec::new(),
        }
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let open = view.review.model().map(str::to_owned);
        matches!(input, Input::Match | Input::Model | Input::Table)
            .then(|| open.or_else(|| matches(view).get(self.models.cursor).cloned()))
            .flatten()
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("hl", "threshold"), ("jk", "pair"), ("tab", "pane")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        let model = self.value(Input::Match, view).unwrap_or_default();
        match view.review.shown() {
            Some(step) => format!("match preview {model} --threshold {}", show::preview::threshold(step.threshold)),
            None => format!("match preview {model}"),
        }
    }
}

impl Matching {
    /// The matches there are, while none is looked at.
    fn draw_models(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let models = matches(view);
        if models.is_empty() && view.review.request.is_none() {
            let text = "The workspace has no match: write models/LAYER/NAME.toml with kind = \"match\"";
            pen.line(area, 1.min(area.height.saturating_sub(1)), &Line::new().gap(3).muted(text));
            return;
        }
        let asked = view.review.request.is_some();
        let (left, right) = side_by_side(area, 32, small, asked);
        if left.width > 0 {
            let inside = pen.pane(left, Line::new().strong("Matches"), true);
            let lines: Vec<Line> = models.iter().map(|name| Line::new().gap(2).plain(name)).collect();
            self.models.draw(pen, inside, &lines, true);
        }
        if right.width > 0 {
            let right = if small { right } else { pen.wall(right) };
            let lines = if asked {
                remote(&view.review.preview, pen.room(right), |_| Vec::new())
            } else {
                vec![Line::new(), Line::new().accent("enter").plain("  looks at the match under the cursor; nothing is applied")]
            };
            pen.lines(right, &lines, 0);
        }
    }

    fn draw_lower(&mut self, view: &View<'_>, preview: &MatchPreview, pen: &mut Pen<'_>, area: Rect) {
        let mut title = Line::new();
        for focus in Focus::ALL {
            let tone = if focus == self.pane { Tone::Strong } else { Tone::Muted };
            title = title.with(tone, focus.title());
            if focus == Focus::Notes && !preview.notes.is_empty() {
                title = title.muted(format!(" {}", preview.notes.len()));
            }
            title = title.gap(2);
        }
        let inside = pen.pane(area, title, true);
        let room = pen.room(inside);
        let lines = match self.pane {
            Focus::Pairs => {
                self.draw_pairs(view, preview, pen, inside);
                return;
            }
            Focus::Golden => view.review.selected().map_or_else(Vec::new, |pair| {
                let title = show::preview::pair_title(pair, view.review.rulings.get(&view.review.pair).copied(), room.glyphs);
                [vec![title], show::preview::golden(pair, room)].concat()
            }),
            Focus::Changes => view.review.shown().map_or_else(Vec::new, |step| {
                let changes = step.changes.iter().flat_map(|change| {
                    let mut lines = show::preview::changed(change, room.glyphs);
                    lines.push(Line::new());
                    lines
                });
                std::iter::once(Line::new().plain(show::preview::moved(step))).chain(changes).collect()
            }),
            Focus::Kpis if preview.kpis.is_empty() => {
                let asked = view.review.request.as_ref().is_some_and(|request| !request.kpis.is_empty());
                let none = if asked { "no KPI is made from this match" } else { "no KPI was asked for; p asks for some, or for all" };
                vec![Line::new().muted(none)]
            }
            Focus::Kpis => show::preview::kpis(&preview.kpis, room),
            Focus::Notes => show::preview::notes(preview, view.review.shown(), room),
        };
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height)));
        pen.lines(inside, &lines, self.top);
    }

    fn draw_pairs(&mut self, view: &View<'_>, preview: &MatchPreview, pen: &mut Pen<'_>, area: Rect) {
        if preview.pairs.is_empty() {
            pen.line(area, 0, &Line::new().muted("no pair is in doubt"));
            return;
        }
        let glyphs = pen.glyphs();
        self.pairs.cursor = view.review.pair;
        let titles: Vec<Line> = preview
            .pairs
            .iter()
            .enumerate()
            .map(|(at, pair)| show::preview::pair_title(pair, view.review.rulings.get(&at).copied(), glyphs))
            .collect();
        let wide = area.width >= 110;
        let (list, rest) = if wide {
            let width = 34;
            (Rect { width, ..area }, Rect { x: area.x + width + 2, width: area.width - width - 2, ..area })
        } else {
            let height = (area.height / 4).max(2).min(area.height);
            (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
        };
        self.pairs.draw(pen, list, &titles, true);
        if let Some(pair) = view.review.selected() {
            let mut lines = if wide { Vec::new() } else { vec![Line::new()] };
            lines.extend(show::preview::side_by_side(pair, pen.room(rest)));
            pen.lines(rest, &lines, 0);
        }
    }
}

/// Bars of pairs by score, and what would come of the threshold that is looked at.
fn draw_threshold(view: &View<'_>, preview: &MatchPreview, pen: &mut Pen<'_>, area: Rect) {
    let inside = pen.pane(area, Line::new().strong("Pairs by score"), false);
    let Some(step) = view.review.shown() else { return };
    let glyphs = pen.glyphs();
    let bars = BARS.min(usize::from(inside.height).saturating_sub(4)).max(1);
    let mut lines = show::preview::histogram(preview, step.threshold, bars, glyphs);
    let changed = if view.review.step == preview.chosen { "as it is now" } else { "s writes it into the model" };
    let mut facts = vec![
        Line::new().strong(format!("threshold {}", show::preview::threshold(step.threshold))).muted(format!("  {changed}")),
        Line::new().plain(format!("{} records {} {} entities", count(preview.rows), glyphs.arrow(), count(step.entities))),
        Line::new().plain(format!("the largest of {}", count(step.largest))),
        Line::new().accent(format!("{} become one, {} fall apart", count(step.merges), count(step.splits))),
    ];
    facts.extend(show::preview::qualities(preview, step));
    if inside.width >= 104 {
        let right = Rect { x: inside.x + 64, width: inside.width - 64, ..inside };
        pen.lines(Rect { width: 62, ..inside }, &lines, 0);
        pen.lines(right, &facts, 0);
    } else {
        // Where there is no room beside them, what matters most goes below the bars.
        let [threshold, entities, largest, moved, qualities @ ..] = &facts[..] else { return };
        lines.truncate(usize::from(inside.height).saturating_sub(2));
        let told = qualities.last().cloned().unwrap_or_else(|| largest.clone());
        lines.push(threshold.clone().gap(2).append(told));
        lines.push(entities.clone().gap(2).append(moved.clone()));
        pen.lines(inside, &lines, 0);
    }
}

fn matches(view: &View<'_>) -> Vec<String> {
    let workspace = view.workspace.current.latest();
    workspace.into_iter().flat_map(|w| &w.models).filter(|m| matches!(m.kind, ModelKind::Match(_))).map(|m| m.name.to_string()).collect()
}
