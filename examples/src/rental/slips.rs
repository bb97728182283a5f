//! What goes wrong when people and scanners write things down.

use super::dice::Dice;
use super::moment::{Day, civil, day_of};

/// The text with one slip in it: a letter too many, too few, wrong or out of place, a letter misread by a scanner,
/// or its accents lost. Texts of one letter stay.
pub fn slip(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 2 {
        return text.to_owned();
    }
    match dice.below(6) {
        0 => letters.insert(1 + dice.below(letters.len()), any_letter(dice)),
        1 => {
            letters.remove(dice.below(letters.len()));
        }
        2 => {
            let at = dice.below(letters.len());
            letters[at] = any_letter(dice);
        }
        3 => {
            let at = dice.below(letters.len() - 1);
            letters.swap(at, at + 1);
        }
        4 => return misread(text, dice),
        _ => {
            let plain = without_accents(text);
            return if plain == text { misread(text, dice) } else { plain };
        }
    }
    letters.into_iter().collect()
}

/// The digits with one of them wrong, missing or out of place.
pub fn slip_in_digits(digits: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = digits.chars().collect();
    let places: Vec<usize> = (0..letters.len()).filter(|&i| letters[i].is_ascii_digit()).collect();
    if places.len() < 4 {
        return digits.to_owned();
    }
    // The first two digits are a country code or a trunk zero, which people get right.
    let at = places[2 + dice.below(places.len() - 3)];
    match dice.below(3) {
        0 => letters[at] = char::from(b'0' + dice.below(10) as u8),
        1 => {
            letters.remove(at);
        }
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// A birth date near the true one that is also a day of the calendar.
pub fn slip_in_date(day: Day, dice: &mut Dice) -> Day {
    let (y, m, d) = civil(day);
    match dice.below(4) {
        0 if d <= 12 && d != m => day_of(y, d, m),
        0 | 1 => day_of(y, m, if d > 10 { d - 10 } else { d + 10 }),
        2 => day_of(y, m % 12 + 1, d.min(28)),
        _ => day_of(y + if dice.chance(0.5) { 10 } else { -1 }, m, d.min(28)),
    }
}

/// The text in plain Latin letters.
pub fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match plain(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    out
}

/// The plain letters for an accented one of the word lists.
pub fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' => "a",
        'Á' | 'À' | 'Â' | 'Ä' | 'Å' => "A",
        'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => "e",
        'É' | 'È' => "E",
        'í' | 'ì' | 'î' | 'ï' | 'ı' => "i",
        'Í' => "I",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | 'ő' => "o",
        'Ó' | 'Ö' | 'Ø' => "O",
        'ú' | 'ù' | 'û' | 'ü' | 'ů' => "u",
        'Ú' | 'Ü' => "U",
        'ý' => "y",
        'ñ' | 'ń' | 'ň' => "n",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Č' => "C",
        'ś' | 'š' | 'ş' => "s",
        'Ś' | 'Š' | 'Ş' => "S",
        'ł' => "l",
        'Ł' => "L",
        'ř' => "r",
        'ź' | 'ż' | 'ž' => "z",
        'Ž' | 'Ż' => "Z",
        'ď' => "d",
        'ť' => "t",
        'ğ' => "g",
        'ß' => "ss",
        'æ' => "ae",
        'Æ' => "Ae",
        _ => return None,
    })
}

/// The text as a program shows it that takes UTF-8 for Latin-1.
pub fn mojibake(text: &str) -> String {
    // The C1 range is undefined in Latin-1; files with such bytes show the euro page's signs, which we leave out by
    // only doing this to letters whose second byte is printable.
    text.chars()
        .map(|c| {
            let mut bytes = [0; 4];
            let encoded = c.encode_utf8(&mut bytes).as_bytes();
            if encoded.len() == 2 && encoded[1] >= 0xA0 { encoded.iter().map(|&b| char::from(b)).collect() } else { c.to_string() }
        })
        .collect()
}

fn any_letter(dice: &mut Dice) -> char {
    char::from(b'a' + dice.below(26) as u8)
}

fn misread(text: &str, dice: &mut Dice) -> String {
    const LOOK_ALIKES: [(&str, &str); 9] =
        [("o", "0"), ("l", "1"), ("rn", "m"), ("m", "rn"), ("S", "5"), ("i", "l"), ("B", "8"), ("e", "c"), ("cl", "d")];
    let from = dice.below(LOOK_ALIKES.len());
    let found = (0..LOOK_ALIKES.len()).map(|i| LOOK_ALIKES[(from + i) % LOOK_ALIKES.len()]).find(|(seen, _)| text.contains(seen));
    match found {
        Some((seen, taken_for)) => text.replacen(seen, taken_for, 1),
        None => text.chars().skip(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Stream;
    use super::super::words::{FAMILY, GIVEN, PLACES, TOWNS};
    use super::*;

    #[test]
    fn every_letter_of_the_lists_has_a_plain_form() {
        let words = GIVEN.iter().chain(FAMILY.iter()).chain(TOWNS.iter()).copied().chain(PLACES.iter().map(|p| p.local));
        for word in words {
            assert!(without_accents(word).is_ascii(), "{word}");
        }
    }

    #[test]
    fn a_slip_is_small_and_mostly_visible() {
        let mut dice = Dice::new(3, Stream::Quote, 0);
        let changed = (0..1_000).map(|_| slip("Käthe Lombardi", &mut dice)).filter(|s| s != "Käthe Lombardi").count();
        assert!(changed > 950, "{changed}");
        assert_eq!(slip("x", &mut dice), "x");
        for _ in 0..1_000 {
            let slipped = slip_in_digits("+4915123456789", &mut dice);
            assert!(slipped.starts_with("+49") && slipped.len() >= 13, "{slipped}");
        }
    }

    #[test]
    fn slips_in_dates_are_days() {
        let mut dice = Dice::new(4, Stream::Quote, 0);
        for day in -9_000..9_000 {
            let slipped = slip_in_date(day, &mut dice);
            let (y, m, d) = civil(slipped);
            assert_eq!(day_of(y, m, d), slipped);
        }
    }

    #[test]
    fn text_encoded_twice() {
        for (given, shown) in [("Müller", "MÃ¼ller"), ("Zoé", "ZoÃ©"), ("plain", "plain")] {
            assert_eq!(mojibake(given), shown);
        }
    }
}
