//! Texts that are something by their form, most of them by a rule that can be checked.

/// An address of electronic mail, as people write them (not all that RFC 5321 allows).
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && local.len() <= 64
        && !local.contains(|c: char| c.is_whitespace() || matches!(c, '@' | ',' | ';' | '<' | '>' | '(' | ')'))
        && is_domain(domain)
}

/// A domain name with at least two labels, the last one of letters.
pub(crate) fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let label = |l: &&str| {
        !l.is_empty() && l.len() <= 63 && l.chars().all(|c| c.is_alphanumeric() || c == '-') && !l.starts_with('-') && !l.ends_with('-')
    };
    let last = labels.last().copied().unwrap_or_default();
    labels.len() >= 2 && labels.iter().all(label) && last.len() >= 2 && last.chars().all(char::is_alphabetic)
}

/// An address on the web.
pub(crate) fn is_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let rest = ["http://", "https://", "ftp://", "www."].iter().find(|p| lower.starts_with(**p)).map(|p| &text[p.len()..]);
    rest.is_some_and(|rest| rest.len() >= 3 && !rest.contains(char::is_whitespace) && rest.contains(['.', ':', 'l']))
}

/// An Internet address of version 4 or 6, with or without a prefix length.
pub(crate) fn is_ip(text: &str) -> bool {
    let address =
        text.split_once('/').map_or(text, |(address, bits)| if bits.parse::<u8>().is_ok_and(|b| b <= 128) { address } else { text });
    address.parse::<std::net::IpAddr>().is_ok()
}

/// A hardware address: six bytes in hexadecimal.
pub(crate) fn is_mac(text: &str) -> bool {
    text.len() == 17 && text.bytes().enumerate().all(|(i, b)| if i % 3 == 2 { matches!(b, b':' | b'-') } else { b.is_ascii_hexdigit() })
}

/// A UUID in its usual form.
pub(crate) fn is_uuid(text: &str) -> bool {
    let body = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    body.len() == 36 && body.bytes().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// An International Bank Account Number whose check digits hold (ISO 13616, ISO 7064 mod 97-10).
pub(crate) fn is_iban(text: &str) -> bool {
    let plain: Vec<u8> = text.bytes().filter(|b| *b != b' ').map(|b| b.to_ascii_uppercase()).collect();
    if !(15..=34).contains(&plain.len()) || !plain[..2].iter().all(u8::is_ascii_uppercase) || !plain[2..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let mut rest = 0_u32;
    for b in plain[4..].iter().chain(&plain[..4]) {
        rest = match b {
            b'0'..=b'9' => rest * 10 + u32::from(b - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(b - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// A number of a payment card: 13 to 19 digits of a known range whose check digit holds (ISO/IEC 7812, Luhn).
pub(crate) fn is_card(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    plain && (13..=19).contains(&digits.len()) && matches!(digits[0], b'2'..=b'6') && luhn(&digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A telephone number: digits with the separators that people put between them.
pub(crate) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let separators = text.bytes().filter(|b| matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/')).count();
    let body = text.split_once(" x").or_else(|| text.split_once(" ext")).map_or(text, |(body, _)| body);
    let plain = body
        .bytes()
        .enumerate()
        .all(|(i, b)| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/') || b == b'+' && i <= 1);
    let groups = body.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).count();
    plain
        && (6..=15).contains(&digits)
        && separators <= 8
        && (text.starts_with('+') || text.starts_with('0') && digits >= 8 || groups >= 2 && !is_decimal(text))
        && !super::date::is_date(text)
}

fn is_decimal(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// A ten-digit number that the North American plan allows.
pub(crate) fn is_nanp(text: &str) -> bool {
    let b = text.as_bytes();
    let b = if b.len() == 11 && b[0] == b'1' { &b[1..] } else { b };
    b.len() == 10 && b.iter().all(u8::is_ascii_digit) && b[0] >= b'2' && b[3] >= b'2' && &b[1..3] != b"11"
}

/// A postal code in one of the forms that countries use. Plain digits are too, so this says little by itself.
pub(crate) fn is_postcode(text: &str) -> bool {
    let shape = shape(text);
    const SHAPES: [&str; 31] = [
        "999",
        "9999",
        "99999",
        "999999",
        "9999999",
        "99999-9999",
        "9999-999",
        "999 99",
        "99-999",
        "999-9999",
        "99999-999",
        "9999 AA",
        "9999AA",
        "A9A 9A9",
        "A9A9A9",
        "AA9 9AA",
        "AA99 9AA",
        "A9 9AA",
        "A99 9AA",
        "A9A 9AA",
        "AA9A 9AA",
        "AA-9999",
        "AA-999",
        "A-9999",
        "A-99999",
        "AA-99999",
        "AA9999",
        "A9999AAA",
        "AAA 9999",
        "A99 A999",
        "AA 99999",
    ];
    SHAPES.contains(&shape.as_str())
}

/// A number that is filled with a day of birth, as national identity numbers are: `YYMMDD` or `DDMMYY` at its head.
pub(crate) fn is_national_id(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/')).collect();
    let b = plain.as_bytes();
    if !(9..=15).contains(&b.len()) || b.iter().filter(|c| c.is_ascii_digit()).count() + 4 < b.len() {
        return false;
    }
    let two = |at: usize| b.get(at..at + 2).and_then(|t| std::str::from_utf8(t).ok()?.parse::<u32>().ok());
    let day = |d: usize, m: usize| two(d).is_some_and(|d| (1..=31).contains(&d)) && two(m).is_some_and(|m| (1..=12).contains(&m));
    let ssn = text.len() == 11 && shape(text) == "999-99-9999";
    // An Italian code, a Spanish number with its letter, a British number of National Insurance.
    let lettered = ["AAAAAA99A99A999A", "99999999A", "A9999999A", "AA999999A"].contains(&shape(&plain).as_str());
    let digits = b.iter().all(u8::is_ascii_digit);
    ssn || lettered
        || digits
            && b.len() >= 10
            && (day(4, 2)
                || day(0, 2)
                || day(5, 3)
                || two(3).is_some_and(|m| (1..=12).contains(&m)) && matches!(b[0], b'1' | b'2') && b.len() >= 13)
}

/// A share in percent.
pub(crate) fn is_percentage(text: &str) -> bool {
    text.strip_suffix('%').is_some_and(|rest| is_number(rest.trim_end()))
}

/// An amount with the sign or the code of a currency.
pub(crate) fn is_money(text: &str) -> bool {
    let signs = ['$', '€', '£', '¥', '₹', '₽', '₩', '₺', '₫', '฿'];
    let body = text.trim_start_matches('-');
    let bare = body
        .strip_prefix(signs)
        .or_else(|| body.strip_suffix(signs))
        .or_else(|| body.get(..3).filter(|c| super::lexicon::is_currency(c)).map(|_| &body[3..]))
        .or_else(|| {
            body.len().checked_sub(3).and_then(|at| body.get(at..).filter(|c| super::lexicon::is_currency(c)).map(|_| &body[..at]))
        });
    bare.is_some_and(|rest| is_number(rest.trim()))
}

/// A number with a unit behind it: `12.0 oz`, `5mm`, `3 ft`.
pub(crate) fn is_quantity(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    is_number(number)
        && !unit.is_empty()
        && unit.chars().count() <= 12
        && unit.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '/' | '²' | '³' | '°' | 'µ' | '"' | '\'' | '%'))
}

/// A number with either mark, thousands grouped or not.
pub(crate) fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    !body.is_empty()
        && body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'\'' | b' '))
        && body.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'.')
        && body.bytes().last().is_some_and(|b| b.is_ascii_digit())
}

/// A group and a rhesus factor.
pub(crate) fn is_blood_type(text: &str) -> bool {
    text.strip_suffix(['+', '-']).is_some_and(|group| ["A", "B", "AB", "O", "0"].contains(&group))
}

/// What a browser says of itself.
pub(crate) fn is_user_agent(text: &str) -> bool {
    text.starts_with("Mozilla/") || text.starts_with("Opera/") || text.contains("AppleWebKit/")
}

/// A code that a machine made to be secret: small and capital letters and digits in one word.
pub(crate) fn is_password(text: &str) -> bool {
    (6..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().any(|b| b.is_ascii_digit())
        && !text.contains(['/', '@', ':', '.', '_'])
        // A capitalised word with a number behind it is a name somebody chose.
        && !is_word_and_number(text)
}

/// A word with a number behind it, as people name themselves where names are taken.
pub(crate) fn is_word_and_number(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < text.len()
        && word.len() >= 3
        && text.len() - word.len() <= 4
        && word.chars().all(char::is_alphabetic)
        && word.chars().skip(1).all(char::is_lowercase)
}

/// A word that begins with a capital and goes on in small letters; parts may be joined by `-` or `'`.
pub(crate) fn is_capitalised(word: &str) -> bool {
    let mut parts = word.split(['-', '\'', '’', '.']).filter(|p| !p.is_empty()).peekable();
    parts.peek().is_some()
        && word.chars().next().is_some_and(char::is_uppercase)
        && parts.all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_alphabetic) && chars.clone().all(char::is_alphabetic) && {
                let small = chars.clone().filter(|c| c.is_lowercase()).count();
                // `McDonald` and `DeVito` are names, `USA` is none.
                small * 2 >= chars.count()
            }
        })
}

/// The shape of a text, letters in capitals.
fn shape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' => '9',
            c if c.is_ascii_alphabetic() => 'A',
            c => c,
        })
        .collect()
}
