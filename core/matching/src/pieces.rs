//! Rows parted into pieces that are worked on one by one, so that large sorts are many small ones.
//!
//! In rounds, each of some of the pieces: at most so many rows are held a second time.

use rayon::prelude::*;
use trommel_model::Outcome;

use crate::watch::{STRETCH, Watch};

/// Pieces that rows are parted into.
pub(crate) const PIECES: usize = 256;
/// Rows parted in one round.
const ROWS_A_ROUND: usize = 16 * 1024 * 1024;

/// Hands the items of each piece over, in the order of their rows, and collects what comes of them in the order of the
/// pieces. A row belongs to the piece `piece_of` says, a number below [`PIECES`], or to none.
pub(crate) fn in_pieces<T: Copy + Send + Sync, R: Send>(
    rows: usize,
    piece_of: impl Fn(usize) -> Option<usize> + Sync,
    item: impl Fn(usize) -> T + Sync,
    watch: &Watch<'_>,
    each: impl Fn(Vec<T>) -> R + Sync,
) -> Outcome<Vec<R>> {
    let a_round = PIECES / rows.div_ceil(ROWS_A_ROUND).next_power_of_two().clamp(1, PIECES);
    let mut done = Vec::with_capacity(PIECES);
    for first in (0..PIECES).step_by(a_round) {
        let parted: Vec<Vec<Vec<T>>> = (0..rows.div_ceil(STRETCH))
            .into_par_iter()
            .with_max_len(1)
            .map(|stretch| {
                watch.check()?;
                let stretch = stretch * STRETCH..rows.min((stretch + 1) * STRETCH);
                let mut pieces: Vec<Vec<T>> = (0..a_round).map(|_| Vec::with_capacity(stretch.len() / PIECES * 5 / 4 + 8)).collect();
                for row in stretch {
                    if let Some(piece) = piece_of(row).and_then(|piece| piece.checked_sub(first)).filter(|&piece| piece < a_round) {
                        pieces[piece].push(item(row));
                    }
                }
                Ok(pieces)
            })
            .collect::<Outcome<_>>()?;
        let round = (0..a_round).into_par_iter().with_max_len(1).map(|piece| {
            watch.check()?;
            Ok(each(parted.iter().flat_map(|pieces| pieces[piece].iter().copied()).collect()))
        });
        done.extend(round.collect::<Outcome<Vec<R>>>()?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    #[test]
    fn every_row_comes_once_in_its_piece_and_in_order() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let rows = 3 * STRETCH + 17;
        let piece_of = |row: usize| (!row.is_multiple_of(11)).then(|| row * 7 % PIECES);
        let pieces = in_pieces(rows, piece_of, |row| row, &Watch::new(&cancel, &progress), |rows| rows).unwrap();
        for (piece, found) in pieces.iter().enumerate() {
            let expected: Vec<usize> = (0..rows).filter(|&row| piece_of(row) == Some(piece)).collect();
            assert_eq!(*found, expected, "piece {piece}");
        }
    }
}
