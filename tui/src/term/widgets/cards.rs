//! Cards in rows: where each stands on a page that may be taller than the screen.

/// A row of cards: which ones, and how tall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CardRow {
    pub cards: Vec<usize>,
    pub height: u16,
    large: bool,
}

/// How a card wants to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// A number.
    Small,
    /// A chart, and the rows it can use; none for as many as there are.
    Large(Option<u16>),
}

/// Height of a card with a number.
const SMALL: u16 = 5;

/// Cards in reading order, like beside like, in as many columns as fit.
pub(crate) fn rows(sizes: &[Size], width: u16, height: u16) -> Vec<CardRow> {
    let across = |size: Size| {
        usize::from(match size {
            Size::Small => (width / 26).max(1),
            Size::Large(_) => (width / 70).clamp(1, 3),
        })
    };
    let tall = match height {
        0..=14 => 10,
        15..=30 => 13,
        _ => 16,
    };
    let mut rows: Vec<CardRow> = Vec::new();
    for (card, &size) in sizes.iter().enumerate() {
        let wish = match size {
            Size::Small => SMALL,
            Size::Large(useful) => useful.unwrap_or(tall).min(tall),
        };
        match rows.last_mut().filter(|r| r.large == (size != Size::Small) && r.cards.len() < across(size)) {
            Some(row) => {
                row.cards.push(card);
                row.height = row.height.max(wish);
            }
            None => rows.push(CardRow { cards: vec![card], height: wish, large: size != Size::Small }),
        }
    }
    // Height that is left over goes to the charts that can use it.
    let spare = height.saturating_sub(rows.iter().map(|r| r.height).sum());
    let able: Vec<usize> = (0..rows.len()).filter(|r| rows[*r].cards.iter().any(|c| sizes[*c] == Size::Large(None))).collect();
    for &row in &able {
        rows[row].height += (spare / able.len().max(1) as u16).min(10);
    }
    rows
}

/// The first row to draw, so that the row with the cursor is in sight.
pub(crate) fn first_row(rows: &[CardRow], cursor: usize, present: usize, height: u16) -> usize {
    let Some(at) = rows.iter().position(|r| r.cards.contains(&cursor)) else { return 0 };
    let mut first = present.min(at);
    while first < at && rows[first..=at].iter().map(|r| r.height).sum::<u16>() > height {
        first += 1;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_stands_beside_like() {
        use Size::{Large, Small};
        let sizes = [Small, Small, Small, Small, Large(None), Large(Some(6))];
        let shape = |width, height| rows(&sizes, width, height).iter().map(|r| r.cards.len()).collect::<Vec<_>>();
        assert_eq!(shape(80, 20), [3, 1, 1, 1]);
        assert_eq!(shape(200, 46), [4, 2]);
        assert_eq!(shape(10, 5), [1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn charts_take_what_they_can_use() {
        let height = |rows: &[CardRow]| rows.iter().map(|r| r.height).collect::<Vec<_>>();
        assert_eq!(height(&rows(&[Size::Small, Size::Large(None), Size::Large(Some(6))], 80, 19)), [5, 13, 6]);
        assert_eq!(height(&rows(&[Size::Small, Size::Large(None), Size::Large(Some(6))], 80, 44)), [5, 26, 6]);
    }

    #[test]
    fn the_row_with_the_cursor_is_in_sight() {
        let rows = rows(&[Size::Small, Size::Large(None), Size::Large(None)], 80, 20);
        assert_eq!(first_row(&rows, 0, 0, 20), 0);
        assert_eq!(first_row(&rows, 1, 0, 20), 0);
        assert_eq!(first_row(&rows, 2, 0, 20), 2);
        assert_eq!(first_row(&rows, 0, 2, 20), 0, "and back");
    }
}
