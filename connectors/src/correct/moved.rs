//! Lines that stand elsewhere once records above them are read as they were corrected.

use trommel_model::Correction;

/// What corrections do to the lines of a file: a record that is corrected may have more lines than it had, or fewer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved(Vec<Shift>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shift {
    /// The line of the file on which the record starts.
    line: u64,
    /// Lines of it in the file, and as it is read.
    had: u64,
    has: u64,
}

impl Moved {
    /// By corrections that are applied; others change nothing.
    pub fn by<'c>(corrections: impl IntoIterator<Item = &'c Correction>) -> Self {
        let shift = |c: &Correction| Some(Shift { line: c.line, had: lines(&c.was), has: lines(c.now.as_ref()?) });
        let mut shifts: Vec<Shift> = corrections.into_iter().filter_map(shift).collect();
        shifts.sort_by_key(|shift| shift.line);
        Self(shifts)
    }

    /// The line on which a record is read that starts on this line of the file.
    pub fn read_at(&self, line: u64) -> u64 {
        self.0.iter().take_while(|shift| shift.line < line).fold(line, |at, shift| (at + shift.has).saturating_sub(shift.had))
    }

    /// The line of the file on which a record starts that is read on this line. `Err` has the line of the correction whose text it
    /// is in, where the file has no such record.
    pub fn in_file(&self, line: u64) -> Result<u64, u64> {
        let mut at = line;
        for shift in &self.0 {
            // Both counted in the file, as far as it is known.
            if at <= shift.line {
                break;
            }
            if at < shift.line + shift.has {
                return Err(shift.line);
            }
            at = (at + shift.had).saturating_sub(shift.has);
        }
        Ok(at)
    }
}

fn lines(text: &str) -> u64 {
    text.lines().count().max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correction(line: u64, was: &str, now: Option<&str>) -> Correction {
        let now = now.map(str::to_owned);
        Correction {
            file: "a.csv".into(),
            line,
            was: was.into(),
            now,
            rule: String::new(),
            who: "ada".into(),
            at: String::new(),
            why: String::new(),
        }
    }

    #[test]
    fn lines_are_found_again_both_ways() {
        // Two lines become one, one becomes three, one stays one; nothing is done by what is discarded.
        let all = [
            correction(9, "x", Some("y")),
            correction(2, "1,\"Ann\nLee\"", Some("1,Ann Lee")),
            correction(5, "3,Cy", Some("3,Cy\n4,Di\n5,Ed")),
            correction(7, "a\nb\nc", None),
        ];
        let moved = Moved::by(&all);
        for (in_file, read) in [(1, 1), (2, 2), (4, 3), (5, 4), (6, 7), (9, 10), (12, 13)] {
            assert_eq!((moved.read_at(in_file), moved.in_file(read)), (read, Ok(in_file)), "{in_file}");
        }
        assert_eq!((moved.in_file(5), moved.in_file(6)), (Err(5), Err(5)), "no line of the file is read there");
        assert_eq!(Moved::default().in_file(7), Ok(7));
    }
}
