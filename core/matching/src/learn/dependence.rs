//! Comparisons that say the same thing twice.
//!
//! Weights add up because levels are taken to be independent. Where they are not, pairs that do not match would be
//! counted twice for one likeness: a description repeats the title, a postcode the city. How far one comparison's
//! agreement follows from another's is told from random pairs, and that share of its weight is taken off.
//!
//! The more rows there are, the fewer random pairs agree in anything that tells rows apart. Where too few do, pairs that
//! blocking makes are asked instead, if they do not agree in the other comparison just because a rule asks for it.

use super::counts::Counts;
use crate::levels::{EQUAL, LevelPattern, MISSING, MOST_LEVELS, level_of};

/// Pairs that independence is believed for: what few pairs do not show is no dependence.
const BELIEVED: f64 = 20.0;
/// Of two comparisons of one column the second says something of its own, but half of its weight at most.
const OF_ONE_COLUMN: f64 = 0.5;
/// Pairs that agree in one comparison, below which nothing is told of another.
const ENOUGH: f64 = 40.0;
/// Of the pairs that agree in one comparison, the share that must be no matches for these to tell anything of another:
/// where nearly all are matches, those that seem to be none are matches that were misjudged.
const ENOUGH_UNLIKE: f64 = 0.02;
/// Random pairs at one level, below which that level is not looked at by itself.
const MET: f64 = 4.0;
/// From so many levels on, equal values are set aside: they are matches rather than likeness by chance.
pub(super) const MANY_LEVELS: usize = 5;

/// For each comparison and level the share of its weight that is its own, from 0 to 1. `columns` are the names of the
/// columns compared.
///
/// `blocked` are pairs that blocking makes and that are no matches, `matches` those that are; `told[a][b]` says whether
/// those that are equal in `a` tell without bias how often `b` agrees.
pub(super) fn own_shares(
    columns: &[&str],
    levels: &[usize],
    random: &Counts,
    (blocked, matches): (&Counts, &Counts),
    told: &[Vec<bool>],
) -> Vec<Shares> {
    let chance: Vec<Met> =
        (0..levels.len()).map(|at| Met::of(random, at, levels[at], |pattern| level_of(pattern, at) != MISSING)).collect();
    let (of_chance, of_any) = (|at: usize, level: usize| chance[at].share(level), |at: usize| chance[at].share(ANY));
    // What agrees most rarely says most, and keeps all of its weight.
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|&a, &b| of_any(a).total_cmp(&of_any(b)).then(a.cmp(&b)));
    let mut own: Vec<Shares> = vec![[1.0; MOST_LEVELS]; levels.len()];
    for (place, &at) in order.iter().enumerate() {
        for &other in &order[..place] {
            if columns[at] == columns[other] {
                own[at][EQUAL..].iter_mut().for_each(|own| *own = own.min(OF_ONE_COLUMN));
            }
            let both = |pattern: LevelPattern| level_of(pattern, at) != MISSING && level_of(pattern, other) != MISSING;
            let agrees = |pattern: LevelPattern| (EQUAL..levels[other]).contains(&level_of(pattern, other));
            let alike = |pattern: LevelPattern| agrees(pattern) && (levels[other] < MANY_LEVELS || level_of(pattern, other) != EQUAL);
            let mut met = Met::of(random, at, levels[at], |pattern| both(pattern) && alike(pattern));
            let all = Met::of(random, at, levels[at], both).counts[ANY];
            let mut known = met.pairs >= ENOUGH && all >= ENOUGH;
            if met.pairs < ENOUGH && told[other][at] {
                let equal = |pattern: LevelPattern| both(pattern) && level_of(pattern, other) == EQUAL;
                met = Met::of(blocked, at, levels[at], equal);
                known = met.pairs >= ENOUGH.max(ENOUGH_UNLIKE * Met::of(matches, at, levels[at], equal).pairs);
            }
            if !known {
                continue;
            }
            let share = |level: usize| {
                let lift = (met.share_from(level, of_chance(at, level)) / of_chance(at, level)).max(1.0);
                1.0 - (lift.ln() / (1.0 / of_chance(at, level)).ln()).clamp(0.0, 1.0)
            };
            for (level, own) in own[at].iter_mut().enumerate().take(levels[at]).skip(EQUAL) {
                // Of a level that is hardly met, what holds for all levels is believed.
                let of = if chance[at].counts[level] >= MET { level } else { ANY };
                *own = own.min(share(of));
            }
        }
    }
    own
}

/// A share for each level of a comparison.
pub(super) type Shares = [f64; MOST_LEVELS];

/// Where all levels but "else" are counted together.
const ANY: usize = MISSING;

/// How often a comparison meets its levels.
struct Met {
    /// Pairs at each level; at `ANY` those that agree at all.
    counts: Shares,
    pairs: f64,
}

impl Met {
    fn of(counts: &Counts, at: usize, levels: usize, wanted: impl Fn(LevelPattern) -> bool) -> Self {
        let mut met = Self { counts: [0.0; MOST_LEVELS], pairs: 0.0 };
        for (pattern, pairs) in counts.iter().filter(|(pattern, _)| wanted(*pattern)) {
            let level = level_of(*pattern, at);
            met.pairs += pairs;
            if level != MISSING {
                met.counts[level] += pairs;
                met.counts[ANY] += if level < levels { *pairs } else { 0.0 };
            }
        }
        met
    }

    /// The share of pairs at a level, never quite none.
    fn share(&self, level: usize) -> f64 {
        (self.counts[level] + 0.5) / (self.pairs + 1.0)
    }

    /// The share of pairs at a level, believed to be that of chance until pairs say otherwise.
    fn share_from(&self, level: usize, chance: f64) -> f64 {
        (self.counts[level] + BELIEVED * chance) / (self.pairs + BELIEVED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of three comparisons: the second agrees whenever the first does, the third by chance.
    #[test]
    fn what_follows_from_another_counts_once() {
        let pattern = |levels: [u128; 3]| levels.iter().enumerate().fold(0, |all, (at, level)| all | level << (3 * at));
        let mut random: Counts = vec![
            (pattern([1, 1, 1]), 10.0),
            (pattern([1, 1, 2]), 90.0),
            (pattern([2, 1, 1]), 20.0),
            (pattern([2, 1, 2]), 180.0),
            (pattern([2, 2, 1]), 970.0),
            (pattern([2, 2, 2]), 8_730.0),
        ];
        random.sort_by_key(|(pattern, _)| *pattern);
        let own = own_shares(&["a", "b", "c"], &[2, 2, 2], &random, (&Counts::new(), &Counts::new()), &vec![vec![false; 3]; 3]);
        let own: Vec<f64> = own.iter().map(|of| of[EQUAL]).collect();
        assert!((own[0] - 1.0).abs() < 1e-9 && own[1] < 0.06 && own[2] > 0.98, "{own:?}");
    }

    /// Two rare values: no random pair agrees in the first, all blocked pairs do, and the second follows from it.
    #[test]
    fn blocked_pairs_tell_what_random_pairs_are_too_few_for() {
        let random: Counts = vec![(1 << 3 | 2, 5.0), (2 << 3 | 2, 99_995.0)];
        let blocked: Counts = vec![(1 << 3 | 1, 990.0), (2 << 3 | 1, 10.0)];
        let own = |matches: f64, told: bool| {
            let matches: Counts = vec![(1 << 3 | 1, matches)];
            own_shares(&["a", "b"], &[2, 2], &random, (&blocked, &matches), &[vec![false, told], vec![false; 2]])
        };
        let told = own(10_000.0, true);
        assert!((told[0][EQUAL] - 1.0).abs() < 1e-9 && told[1][EQUAL] < 0.05, "{told:?}");
        assert_eq!(own(10_000.0, false), [[1.0; MOST_LEVELS]; 2]);
        assert_eq!(own(100_000.0, true), [[1.0; MOST_LEVELS]; 2], "so few of the matches are misjudged ones");
    }

    /// What is rare is met in none of a hundred pairs, whether it depends on another comparison or not.
    #[test]
    fn few_pairs_without_a_rare_level_are_no_dependence() {
        let pattern = |first: u128, second: u128| first | second << 3;
        let random: Counts = vec![(pattern(2, 1), 5.0), (pattern(2, 2), 150.0), (pattern(1, 3), 100.0), (pattern(2, 3), 399_745.0)];
        let of = |columns: &[&str]| own_shares(columns, &[2, 3], &random, (&Counts::new(), &Counts::new()), &vec![vec![false; 2]; 2]);
        assert_eq!(of(&["a", "b"]), [[1.0; MOST_LEVELS]; 2]);
        let one = of(&["a", "a"]);
        assert_eq!((one[0][EQUAL], one[1][EQUAL]), (1.0, OF_ONE_COLUMN));
    }

    /// Two digits of a postcode are the town's: nearly the same postcode follows from the town, the very same does not.
    #[test]
    fn levels_follow_from_another_comparison_each_by_itself() {
        let pattern = |town: u128, code: u128| town | code << 3;
        let random: Counts =
            vec![(pattern(1, 1), 5.0), (pattern(1, 2), 95.0), (pattern(2, 1), 0.0), (pattern(2, 2), 100.0), (pattern(2, 3), 99_800.0)];
        let own = own_shares(&["a", "b"], &[2, 3], &random, (&Counts::new(), &Counts::new()), &vec![vec![false; 2]; 2]);
        assert!(own[1][EQUAL] > 0.25 && own[1][EQUAL + 1] < 0.1, "{own:?}");
    }
}
