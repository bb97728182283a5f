//! The graph of steps as lanes beside a list: one row a step, each step below those it depends on.
//!
//! ```text
//! ●      raw.alpha          a step
//! │ ●    raw.bravo          a second one, in a lane of its own
//! ●─╯    clean.quotes       needs both; bravo's lane ends here
//! ```

use std::collections::BTreeMap;

use crate::paint::Glyphs;

/// One step and the steps it depends on, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node<'a> {
    pub name: &'a str,
    pub depends_on: Vec<&'a str>,
}

/// What is drawn before a step: the part left of its sign and the part right of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gutter {
    pub before: String,
    pub after: String,
}

/// Lanes for each node, in order. Dependencies that stand below or are not listed are not drawn.
pub(crate) fn gutters(nodes: &[Node<'_>], glyphs: Glyphs) -> Vec<Gutter> {
    let index: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(i, n)| (n.name, i)).collect();
    let mut last_use = vec![0; nodes.len()];
    let mut needs: Vec<Vec<usize>> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let above: Vec<usize> = node.depends_on.iter().filter_map(|d| index.get(d).copied()).filter(|d| *d < i).collect();
        for needed in &above {
            last_use[*needed] = i;
        }
        needs.push(above);
    }
    let mut lanes: Vec<Option<usize>> = Vec::new();
    let mut drawn: Vec<Vec<char>> = Vec::new();
    let mut at = Vec::new();
    for i in 0..nodes.len() {
        let comes_in: Vec<usize> = (0..lanes.len()).filter(|l| lanes[*l].is_some_and(|n| needs[i].contains(&n))).collect();
        let ends = |l: usize| lanes[l].is_some_and(|n| last_use[n] <= i);
        let ending = comes_in.iter().copied().find(|l| ends(*l));
        let free = lanes.iter().position(Option::is_none);
        let mine = ending.or(free).unwrap_or(lanes.len());
        let wide = lanes.len().max(mine + 1);
        let low = comes_in.iter().copied().chain([mine]).min().unwrap_or(mine);
        let high = comes_in.iter().copied().chain([mine]).max().unwrap_or(mine);
        let mut row = vec![' '; wide * 2];
        for lane in 0..wide {
            let held = lanes.get(lane).copied().flatten().is_some();
            let within = low < lane && lane < high;
            row[lane * 2] = match (lane == mine, comes_in.contains(&lane)) {
                (true, _) => '●',
                (_, true) if lane < mine => match (ends(lane), lane == low) {
                    (true, true) => '╰',
                    (true, false) => '┴',
                    (false, true) => '├',
                    (false, false) => '┼',
                },
                (_, true) => match (ends(lane), lane == high) {
                    (true, true) => '╯',
                    (true, false) => '┴',
                    (false, true) => '┤',
                    (false, false) => '┼',
                },
                (false, false) => match (held, within) {
                    (true, true) => '┼',
                    (true, false) => '│',
                    (false, true) => '─',
                    (false, false) => ' ',
                },
            };
            if low <= lane && lane < high {
                row[lane * 2 + 1] = '─';
            }
        }
        for lane in comes_in.into_iter().filter(|l| ends(*l)).collect::<Vec<_>>() {
            lanes[lane] = None;
        }
        if mine == lanes.len() {
            lanes.push(None);
        }
        lanes[mine] = (last_use[i] > i).then_some(i);
        drawn.push(row);
        at.push(mine * 2);
    }
    let width = drawn.iter().map(Vec::len).max().unwrap_or(0);
    let text = |chars: &[char]| -> String { chars.iter().map(|c| if glyphs == Glyphs::Ascii { ascii(*c) } else { *c }).collect() };
    drawn
        .into_iter()
        .zip(at)
        .map(|(mut row, at)| {
            row.resize(width, ' ');
            Gutter { before: text(&row[..at]), after: text(&row[at + 1..]) }
        })
        .collect()
}

fn ascii(c: char) -> char {
    match c {
        '─' => '-',
        '│' => '|',
        '●' => '*',
        ' ' => ' ',
        '╯' | '┴' => '\'',
        '╰' => '`',
        _ => '+',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(edges: &[(&'static str, &[&'static str])], glyphs: Glyphs) -> String {
        let nodes: Vec<Node<'_>> = edges.iter().map(|(name, needs)| Node { name, depends_on: needs.to_vec() }).collect();
        let rows = gutters(&nodes, glyphs).into_iter().zip(edges);
        rows.map(|(g, (name, _))| [&g.before, "●", &g.after, name, "\n"].concat()).collect()
    }

    #[test]
    fn lanes_join_where_tables_are_joined() {
        let rental: &[(&str, &[&str])] = &[
            ("raw.alpha", &[]),
            ("raw.bravo", &[]),
            ("raw.charlie", &[]),
            ("raw.bookings", &[]),
            ("clean.alpha", &["raw.alpha"]),
            ("clean.bravo", &["raw.bravo"]),
            ("clean.charlie", &["raw.charlie"]),
            ("clean.bookings", &["raw.bookings"]),
            ("clean.quotes", &["clean.alpha", "clean.bravo", "clean.charlie"]),
            ("stage.quotes", &["clean.quotes"]),
            ("mart.quotes", &["stage.quotes", "clean.bookings"]),
            ("mart.brokers", &["clean.quotes", "mart.quotes"]),
        ];
        insta::assert_snapshot!(drawn(rental, Glyphs::Unicode), @"
        ●       raw.alpha
        │ ●     raw.bravo
        │ │ ●   raw.charlie
        │ │ │ ● raw.bookings
        ● │ │ │ clean.alpha
        │ ● │ │ clean.bravo
        │ │ ● │ clean.charlie
        │ │ │ ● clean.bookings
        ●─┴─╯ │ clean.quotes
        ├─●   │ stage.quotes
        │ ●───╯ mart.quotes
        ●─╯     mart.brokers
        ");
    }

    #[test]
    fn a_table_used_twice_keeps_its_lane() {
        let fan: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["b", "c"]), ("e", &[])];
        insta::assert_snapshot!(drawn(fan, Glyphs::Unicode), @"
        ●   a
        ├─● b
        ● │ c
        ●─╯ d
        ●   e
        ");
        insta::assert_snapshot!(drawn(fan, Glyphs::Ascii), @"
        ●   a
        +-● b
        ● | c
        ●-' d
        ●   e
        ");
    }

    #[test]
    fn unknown_and_later_names_do_no_harm() {
        let odd: &[(&str, &[&str])] = &[("a", &["z", "b"]), ("b", &["a", "a"])];
        assert_eq!(drawn(odd, Glyphs::Unicode), "● a\n● b\n");
    }
}
