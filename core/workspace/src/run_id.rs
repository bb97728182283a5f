//! Makes the ids of runs: readable, unique enough to type, sorted by time.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rand::Rng;
use trommel_model::RunId;

/// Small letters and digits without those that look alike (0 o, 1 i l).
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// The id of a run that starts `now`: its UTC time to the second and four random characters, `20260131-093000-k3f9`.
///
/// Ids sort as their start times do. Two runs of the same second share an id once in 923,521 times; the ledger refuses
/// the second of them.
pub fn new_run_id(now: Timestamp, random: &mut impl Rng) -> RunId {
    let time = now.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S").to_string();
    let tail: String = (0..4).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    RunId(format!("{time}-{tail}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn an_id_says_when_the_run_started() {
        let id = new_run_id("2026-01-31T10:30:00.999+01:00".parse().unwrap(), &mut StdRng::seed_from_u64(7));
        let (time, tail) = id.0.rsplit_once('-').unwrap();
        assert_eq!(time, "20260131-093000");
        assert!(tail.len() == 4 && tail.bytes().all(|b| ALPHABET.contains(&b)), "{id}");
    }

    proptest! {
        #[test]
        fn later_runs_have_larger_ids(a in 0_i64..4_000_000_000, gap in 1_i64..1_000_000_000, seed: u64) {
            let mut random = StdRng::seed_from_u64(seed);
            let early = new_run_id(Timestamp::from_second(a).unwrap(), &mut random);
            let late = new_run_id(Timestamp::from_second(a + gap).unwrap(), &mut random);
            prop_assert!(early < late, "{} {}", early, late);
        }
    }
}
