//! Where things stand: bars at the edges, the screen between them, pop-ups on top.

use ratatui::layout::Rect;

/// The parts of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The way here, and what runs.
    pub crumbs: Rect,
    /// The screens and their numbers; empty in a small terminal.
    pub tabs: Rect,
    /// The screen in front.
    pub body: Rect,
    /// What was told last; empty in a small terminal.
    pub message: Rect,
    /// Keys.
    pub keys: Rect,
    /// One pane only.
    pub small: bool,
}

/// Below this a screen shows one pane and a hint.
const SMALL: (u16, u16) = (60, 15);

/// The parts of an area.
pub(crate) fn parts(area: Rect) -> Parts {
    let small = area.width < SMALL.0 || area.height < SMALL.1;
    let bar = |height: u16| if small { 0 } else { height };
    let heights = [1.min(area.height), bar(1), 0, bar(1), 1.min(area.height.saturating_sub(1))];
    let taken: u16 = heights.iter().sum();
    let body = area.height.saturating_sub(taken);
    let mut y = area.y;
    let mut next = |height: u16| {
        let rect = Rect { x: area.x, y, width: area.width, height };
        y += height;
        rect
    };
    Parts { crumbs: next(heights[0]), tabs: next(heights[1]), body: next(body), message: next(heights[3]), keys: next(heights[4]), small }
}

/// Two panes side by side; the left one gets so many columns. In a small area the one that is focused gets all.
pub(crate) fn side_by_side(area: Rect, left: u16, small: bool, right_focused: bool) -> (Rect, Rect) {
    let none = Rect { width: 0, ..area };
    match (small, right_focused) {
        (true, false) => (area, none),
        (true, true) => (none, area),
        _ => {
            let left = left.min(area.width);
            (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
        }
    }
}

/// Two panes one over the other; the lower one gets so many rows. In a small area the one that is focused gets all.
pub(crate) fn stacked(area: Rect, lower: u16, small: bool, lower_focused: bool) -> (Rect, Rect) {
    let none = Rect { height: 0, ..area };
    match (small, lower_focused) {
        (true, false) => (area, none),
        (true, true) => (none, area),
        _ => {
            let lower = lower.min(area.height);
            let upper = area.height - lower;
            (Rect { height: upper, ..area }, Rect { y: area.y + upper, height: lower, ..area })
        }
    }
}

/// An area without its outermost columns.
pub(crate) fn inset(area: Rect) -> Rect {
    let margin = 1.min(area.width / 2);
    Rect { x: area.x + margin, width: area.width - 2 * margin, ..area }
}

/// An area in the middle of another, of at most so many columns and rows.
pub(crate) fn centred(area: Rect, columns: u16, rows: u16) -> Rect {
    let width = columns.min(area.width);
    let height = rows.min(area.height);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_area_at_any_size() {
        for (width, height) in [(0, 0), (1, 1), (59, 14), (60, 15), (80, 24), (200, 50)] {
            let p = parts(Rect::new(0, 0, width, height));
            let sum: u16 = [p.crumbs, p.tabs, p.body, p.message, p.keys].iter().map(|r| r.height).sum();
            assert_eq!(sum, height, "{width}x{height}");
        }
        assert_eq!(parts(Rect::new(0, 0, 80, 24)).body.height, 20);
        assert!(parts(Rect::new(0, 0, 59, 24)).small);
    }
}
