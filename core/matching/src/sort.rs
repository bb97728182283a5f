//! Sorting on all threads, in pieces small enough that a wish to stop is heard at once.

use std::cmp::Ordering;

use rayon::prelude::*;
use trommel_model::Outcome;

use crate::pieces::{PIECES, in_pieces};
use crate::watch::{STRETCH, Watch};

/// Items looked at to choose where the pieces part.
const SAMPLE: usize = PIECES * 16;

/// Sorts. `compare` must be a total order in which no two items are equal, so that the result is the only one.
pub(crate) fn sort<T: Copy + Send + Sync>(
    mut items: Vec<T>,
    watch: &Watch<'_>,
    compare: impl Fn(&T, &T) -> Ordering + Sync,
) -> Outcome<Vec<T>> {
    watch.check()?;
    if items.len() <= STRETCH {
        items.sort_unstable_by(compare);
        return Ok(items);
    }
    if in_order(&items, watch, &compare)? {
        return Ok(items);
    }
    let mut sample: Vec<T> = items.iter().copied().step_by(items.len() / SAMPLE).collect();
    sample.sort_unstable_by(&compare);
    let bounds: Vec<T> = sample.iter().copied().step_by(sample.len() / PIECES).skip(1).take(PIECES - 1).collect();
    let mut pieces = vec![0_u8; items.len()];
    pieces.par_chunks_mut(STRETCH).zip(items.par_chunks(STRETCH)).try_for_each(|(pieces, items)| {
        watch.check()?;
        for (piece, item) in pieces.iter_mut().zip(items) {
            *piece = bounds.partition_point(|bound| compare(bound, item).is_le()) as u8;
        }
        Ok(())
    })?;
    let sorted = in_pieces(
        items.len(),
        |at| Some(usize::from(pieces[at])),
        |at| items[at],
        watch,
        |mut items: Vec<T>| {
            items.sort_unstable_by(&compare);
            items
        },
    )?;
    drop(pieces);
    let mut place = 0;
    for piece in sorted {
        items[place..place + piece.len()].copy_from_slice(&piece);
        place += piece.len();
    }
    Ok(items)
}

fn in_order<T>(items: &[T], watch: &Watch<'_>, compare: &(impl Fn(&T, &T) -> Ordering + Sync)) -> Outcome<bool> {
    for (i, pair) in items.windows(2).enumerate() {
        if i % STRETCH == 0 {
            watch.check()?;
        }
        if compare(&pair[0], &pair[1]).is_gt() {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};
    use trommel_model::{Cancel, Code, ProgressSlot};

    use super::*;

    #[test]
    fn many_items_come_out_as_one_sort_would_have_them() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let watch = Watch::new(&cancel, &progress);
        let mut random = SmallRng::seed_from_u64(1);
        for distinct in [1, 7, 1_000_000] {
            let items: Vec<(u32, u32)> = (0..200_000).map(|i| (random.random_range(0..distinct), i)).collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            assert!(sort(items, &watch, Ord::cmp).unwrap() == expected, "{distinct} distinct keys");
        }
        cancel.raise();
        assert_eq!(sort(vec![2, 1], &watch, Ord::cmp).unwrap_err().code, Code::Interrupted);
    }
}
