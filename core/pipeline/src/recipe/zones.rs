//! Time zones as they have been and will be by the rules in force: which offset holds from when on.
//!
//! The zones are those of the IANA database that is part of the program, so that a table comes out the same on every machine.

use jiff::civil::{DateTime, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use trommel_model::ClockRule;

/// The first year of which nothing is said: rules are changed too often to look further.
pub(super) const UNKNOWN_FROM: i16 = 2101;

/// The zone with a name, in its own spelling; an error has the nearest name.
pub(super) fn zone(name: &str) -> Result<(String, TimeZone), Option<String>> {
    let zones = TimeZoneDatabase::bundled();
    if let Ok(zone) = zones.get(name.trim()) {
        let own = zone.iana_name().unwrap_or("UTC").to_owned();
        return Ok((own, zone));
    }
    let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
    // Most people know the city and not the continent.
    let city = |full: &&String| full.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name.trim()));
    let near = trommel_model::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
    Err(names.iter().find(city).cloned().or(near))
}

/// What holds from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// The moment; none for the beginning of time.
    pub since: Option<DateTime>,
    /// Seconds by which the clocks of the zone are ahead of UTC; none where a time is not taken.
    pub offset_s: Option<i32>,
}

/// The offsets of a zone by moments in UTC.
pub(super) fn by_instant(zone: &TimeZone) -> Vec<Piece> {
    let mut pieces = vec![Piece { since: None, offset_s: Some(zone.to_offset(Timestamp::MIN).seconds()) }];
    for change in changes(zone) {
        pieces.push(Piece { since: Some(at(change.at, 0)), offset_s: Some(change.after) });
    }
    end(pieces, |_| 0)
}

/// The offsets of a zone by what its clocks show. `gap` says how times are read that the clocks skip, `overlap` how those that
/// they show twice.
pub(super) fn by_clock(zone: &TimeZone, gap: ClockRule, overlap: ClockRule) -> Vec<Piece> {
    let mut pieces = vec![Piece { since: None, offset_s: Some(zone.to_offset(Timestamp::MIN).seconds()) }];
    for Change { at: moment, before, after } in changes(zone) {
        // Of two moments that a time can be, the earlier one is that of the greater offset.
        let (rule, greater, lesser) = if after > before { (gap, after, before) } else { (overlap, before, after) };
        let offset_s = match rule {
            ClockRule::Reject => None,
            ClockRule::Earlier => Some(greater),
            ClockRule::Later => Some(lesser),
        };
        pieces.push(Piece { since: Some(at(moment, before.min(after))), offset_s });
        pieces.push(Piece { since: Some(at(moment, before.max(after))), offset_s: Some(after) });
    }
    end(pieces, |last| last)
}

/// Clocks that are set.
struct Change {
    at: Timestamp,
    before: i32,
    after: i32,
}

fn changes(zone: &TimeZone) -> impl Iterator<Item = Change> {
    let mut before = zone.to_offset(Timestamp::MIN).seconds();
    let known = zone.following(Timestamp::MIN).take_while(|change| at(change.timestamp(), 0).year() < UNKNOWN_FROM);
    known.filter_map(move |change| {
        let after = change.offset().seconds();
        let change = Change { at: change.timestamp(), before, after };
        before = after;
        // What is called another way is not set another way.
        (change.before != change.after).then_some(change)
    })
}

/// Closes the pieces where nothing is known any more, and joins those that say the same.
fn end(mut pieces: Vec<Piece>, ahead: fn(i32) -> i32) -> Vec<Piece> {
    let last = pieces.iter().rev().find_map(|piece| piece.offset_s).unwrap_or(0);
    let year = date(UNKNOWN_FROM, 1, 1).at(0, 0, 0, 0);
    let since = year.saturating_add(SignedDuration::from_secs(i64::from(ahead(last))));
    pieces.push(Piece { since: Some(since), offset_s: None });
    pieces.dedup_by(|next, piece| next.offset_s == piece.offset_s);
    pieces
}

/// What clocks with an offset show at a moment.
fn at(moment: Timestamp, offset_s: i32) -> DateTime {
    let utc = moment.to_zoned(TimeZone::UTC).datetime();
    utc.saturating_add(SignedDuration::from_secs(i64::from(offset_s)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::Disambiguation;

    use super::*;

    /// What the pieces say of a moment or a time.
    fn offset(pieces: &[Piece], when: DateTime) -> Option<i32> {
        pieces.iter().rev().find(|piece| piece.since.is_none_or(|since| since <= when)).and_then(|piece| piece.offset_s)
    }

    #[test]
    fn names() {
        assert_eq!(zone("europe/vienna").unwrap().0, "Europe/Vienna");
        assert_eq!(zone(" UTC ").unwrap().0, "UTC");
        assert_eq!(zone("vienna").unwrap_err().as_deref(), Some("Europe/Vienna"));
        assert_eq!(zone("Europe/Viena").unwrap_err().as_deref(), Some("Europe/Vienna"));
        assert_eq!(zone("nowhere at all").unwrap_err(), None);
    }

    #[test]
    fn the_pieces_of_every_zone_say_what_the_zone_says() {
        let zones = TimeZoneDatabase::bundled();
        let rules = [ClockRule::Reject, ClockRule::Earlier, ClockRule::Later];
        let mut looked_at = 0;
        for name in zones.available() {
            let zone = zones.get(name.as_str()).unwrap();
            let (instants, clocks) = (by_instant(&zone), rules.map(|rule| by_clock(&zone, rule, rule)));
            // Just before, at and after each change of the clocks, by what they showed before and after.
            for change in changes(&zone) {
                for shift in [-3_601, -1, 0, 1, 1_800, 3_599, 3_600] {
                    for offset_s in [0, change.before, change.after] {
                        let when = at(change.at, offset_s).saturating_add(SignedDuration::from_secs(shift));
                        if when.year() >= UNKNOWN_FROM {
                            continue;
                        }
                        let instant = when.to_zoned(TimeZone::UTC).unwrap().timestamp();
                        assert_eq!(offset(&instants, when), Some(zone.to_offset(instant).seconds()), "{name} {when}");
                        let told = zone.to_ambiguous_timestamp(when);
                        let ambiguous = told.is_ambiguous();
                        for (rule, pieces) in rules.iter().zip(&clocks) {
                            let read = offset(pieces, when).map(|o| at(instant, -o));
                            let expected = match rule {
                                ClockRule::Reject if ambiguous => None,
                                ClockRule::Later => Some(Disambiguation::Later),
                                ClockRule::Earlier | ClockRule::Reject => Some(Disambiguation::Earlier),
                            };
                            let expected = expected.map(|way| at(told.disambiguate(way).unwrap(), 0));
                            assert_eq!(read, expected, "{name} {when} {rule:?}");
                            looked_at += 1;
                        }
                    }
                }
            }
        }
        assert!(looked_at > 1_000_000, "{looked_at}");
    }

    #[test]
    fn nothing_is_said_of_what_is_too_far_off() {
        let (_, vienna) = zone("Europe/Vienna").unwrap();
        for pieces in [by_instant(&vienna), by_clock(&vienna, ClockRule::Later, ClockRule::Later)] {
            assert_eq!(offset(&pieces, date(2100, 7, 1).at(0, 0, 0, 0)), Some(7_200));
            assert_eq!(offset(&pieces, date(2101, 7, 1).at(0, 0, 0, 0)), None);
            assert_eq!(offset(&pieces, date(1800, 7, 1).at(0, 0, 0, 0)), Some(3_921));
        }
    }
}
