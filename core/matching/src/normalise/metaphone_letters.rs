//! The rules of Double Metaphone for letters that have several sounds; a letter at a time, first rule that fits.

use super::metaphone::{Sound, Word};

fn same(sound: &'static str, step: usize) -> Sound {
    (sound, sound, step)
}

pub(super) fn c(word: &Word, at: usize) -> Sound {
    let german = at > word.first + 1
        && !word.vowel(at - 2)
        && word.has(at - 1, &["ACH"])
        && !word.is(at + 2, b"I")
        && (!word.is(at + 2, b"E") || word.has(at - 2, &["BACHER", "MACHER"]));
    if german {
        return same("K", 2);
    }
    if at == word.first && word.has(at, &["CAESAR"]) {
        return same("S", 2);
    }
    if word.has(at, &["CHIA"]) {
        return same("K", 2);
    }
    if word.has(at, &["CH"]) {
        return ch(word, at);
    }
    if word.has(at, &["CZ"]) && !word.has(at - 2, &["WICZ"]) {
        return ("S", "X", 2);
    }
    if word.has(at + 1, &["CIA"]) {
        return same("X", 3);
    }
    if word.has(at, &["CC"]) && !(at == word.first + 1 && word.is(word.first, b"M")) {
        if !word.is(at + 2, b"IEH") || word.has(at + 2, &["HU"]) {
            return same("K", 2);
        }
        // accident, succeed; else bacci, bertucci.
        let parted = at == word.first + 1 && word.is(at - 1, b"A") || word.has(at - 1, &["UCCEE", "UCCES"]);
        return same(if parted { "KS" } else { "X" }, 3);
    }
    if word.has(at, &["CK", "CG", "CQ"]) {
        return same("K", 2);
    }
    if word.has(at, &["CI", "CE", "CY"]) {
        return if word.has(at, &["CIO", "CIE", "CIA"]) { ("S", "X", 2) } else { same("S", 2) };
    }
    if word.has(at + 1, &[" C", " Q", " G"]) {
        return same("K", 3);
    }
    same("K", if word.is(at + 1, b"CKQ") && !word.has(at + 1, &["CE", "CI"]) { 2 } else { 1 })
}

fn ch(word: &Word, at: usize) -> Sound {
    if at > word.first && word.has(at, &["CHAE"]) {
        return ("K", "X", 2);
    }
    let greek = at == word.first && word.has(at + 1, &["HARAC", "HARIS", "HOR", "HYM", "HIA", "HEM"]) && !word.begins(&["CHORE"]);
    let hard = word.begins(&["VAN ", "VON ", "SCH"])
        || word.has(at - 2, &["ORCHES", "ARCHIT", "ORCHID"])
        || word.is(at + 2, b"TS")
        || (word.is(at - 1, b"AOUE") || at == word.first) && word.is(at + 2, b"LRNMBHFVW ");
    if greek || hard {
        return same("K", 2);
    }
    if at == word.first {
        return same("X", 2);
    }
    if word.begins(&["MC"]) { same("K", 2) } else { ("X", "K", 2) }
}

pub(super) fn g(word: &Word, at: usize) -> Sound {
    if word.is(at + 1, b"H") {
        return gh(word, at);
    }
    if word.is(at + 1, b"N") {
        if at == word.first + 1 && word.vowel(word.first) && !word.slavic {
            return ("KN", "N", 2);
        }
        return if !word.has(at + 2, &["EY"]) && !word.slavic { ("N", "KN", 2) } else { same("KN", 2) };
    }
    if word.has(at + 1, &["LI"]) && !word.slavic {
        return ("KL", "L", 2);
    }
    if at == word.first && (word.is(at + 1, b"Y") || word.has(at + 1, &["ES", "EP", "EB", "EL", "EY", "IB", "IL", "IN", "IE", "EI", "ER"]))
    {
        return ("K", "J", 2);
    }
    if (word.has(at + 1, &["ER"]) || word.is(at + 1, b"Y"))
        && !word.begins(&["DANGER", "RANGER", "MANGER"])
        && !word.is(at - 1, b"EI")
        && !word.has(at - 1, &["RGY", "OGY"])
    {
        return ("K", "J", 2);
    }
    if word.is(at + 1, b"EIY") || word.has(at - 1, &["AGGI", "OGGI"]) {
        if word.begins(&["VAN ", "VON ", "SCH"]) || word.has(at + 1, &["ET"]) {
            return same("K", 2);
        }
        return if word.has(at + 1, &["IER "]) { same("J", 2) } else { ("J", "K", 2) };
    }
    same("K", word.doubled(at, b"G"))
}

fn gh(word: &Word, at: usize) -> Sound {
    if at > word.first && !word.vowel(at - 1) {
        return same("K", 2);
    }
    if at == word.first {
        return same(if word.is(at + 2, b"I") { "J" } else { "K" }, 2);
    }
    // Hugh, bough, broughton.
    let silent = at > word.first + 1 && word.is(at - 2, b"BHD")
        || at > word.first + 2 && word.is(at - 3, b"BHD")
        || at > word.first + 3 && word.is(at - 4, b"BH");
    if silent {
        return same("", 2);
    }
    // Laugh, McLaughlin, cough, rough.
    if at > word.first + 2 && word.is(at - 1, b"U") && word.is(at - 3, b"CGLRT") {
        return same("F", 2);
    }
    same(if word.is(at - 1, b"I") { "" } else { "K" }, 2)
}

pub(super) fn j(word: &Word, at: usize) -> Sound {
    if word.has(at, &["JOSE"]) || word.begins(&["SAN "]) {
        let spanish = at == word.first && word.is(at + 4, b" ") || word.begins(&["SAN "]);
        return if spanish { same("H", 1) } else { ("J", "H", 1) };
    }
    let step = word.doubled(at, b"J");
    if at == word.first {
        ("J", "A", step)
    } else if word.vowel(at - 1) && !word.slavic && word.is(at + 1, b"AO") {
        ("J", "H", step)
    } else if at == word.last {
        ("J", " ", step)
    } else if !word.is(at + 1, b"LTKSNMBZ") && !word.is(at - 1, b"SKL") {
        same("J", step)
    } else {
        same("", step)
    }
}

/// L to R.
pub(super) fn after_l(word: &Word, at: usize) -> Sound {
    if word.is(at, b"L") && word.is(at + 1, b"L") {
        // Cabrillo, gallegos.
        let spanish = at + 2 == word.last && word.has(at - 1, &["ILLO", "ILLA", "ALLE"])
            || (word.has(word.last - 1, &["AS", "OS"]) || word.is(word.last, b"AO")) && word.has(at - 1, &["ALLE"]);
        return ("L", if spanish { "" } else { "L" }, 2);
    }
    if word.is(at, b"L") {
        return same("L", 1);
    }
    if word.is(at, b"M") {
        let dumb = word.has(at - 1, &["UMB"]) && (at + 1 == word.last || word.has(at + 2, &["ER"]));
        return same("M", if dumb || word.is(at + 1, b"M") { 2 } else { 1 });
    }
    if word.is(at, b"N") {
        return same("N", word.doubled(at, b"N"));
    }
    if word.is(at, b"P") {
        return if word.is(at + 1, b"H") { same("F", 2) } else { same("P", word.doubled(at, b"PB")) };
    }
    if word.is(at, b"Q") {
        return same("K", word.doubled(at, b"Q"));
    }
    let french = at == word.last && !word.slavic && word.has(at - 2, &["IE"]) && !word.has(at - 4, &["ME", "MA"]);
    (if french { "" } else { "R" }, "R", word.doubled(at, b"R"))
}

pub(super) fn s(word: &Word, at: usize) -> Sound {
    if word.has(at - 1, &["ISL", "YSL"]) {
        return same("", 1);
    }
    if at == word.first && word.has(at, &["SUGAR"]) {
        return ("X", "S", 1);
    }
    if word.has(at, &["SH"]) {
        return same(if word.has(at + 1, &["HEIM", "HOEK", "HOLM", "HOLZ"]) { "S" } else { "X" }, 2);
    }
    if word.has(at, &["SIO", "SIA"]) {
        return ("S", if word.slavic { "S" } else { "X" }, 3);
    }
    if at == word.first && word.is(at + 1, b"MNLW") || word.is(at + 1, b"Z") {
        return ("S", "X", word.doubled(at, b"Z"));
    }
    if word.has(at, &["SCH"]) {
        return sch(word, at);
    }
    if word.has(at, &["SC"]) {
        return same(if word.is(at + 2, b"IEY") { "S" } else { "SK" }, 3);
    }
    let french = at == word.last && word.has(at - 2, &["AI", "OI"]);
    (if french { "" } else { "S" }, "S", word.doubled(at, b"SZ"))
}

/// Dutch school and schenker, German schmidt and schwarz.
fn sch(word: &Word, at: usize) -> Sound {
    if word.has(at + 3, &["ER", "EN"]) {
        return ("X", "SK", 3);
    }
    if word.has(at + 3, &["OO", "UY", "ED", "EM"]) {
        return same("SK", 3);
    }
    let german = at == word.first && !word.vowel(at + 3) && !word.is(at + 3, b"W");
    ("X", if german { "S" } else { "X" }, 3)
}

/// T to Z.
pub(super) fn t_to_z(word: &Word, at: usize) -> Sound {
    if word.is(at, b"T") {
        return t(word, at);
    }
    if word.is(at, b"V") {
        return same("F", word.doubled(at, b"V"));
    }
    if word.is(at, b"W") {
        return w(word, at);
    }
    if word.is(at, b"X") {
        let french = at == word.last && (word.has(at - 3, &["IAU", "EAU"]) || word.has(at - 2, &["AU", "OU"]));
        return same(if french { "" } else { "KS" }, word.doubled(at, b"CX"));
    }
    let step = word.doubled(at, b"ZH");
    if word.is(at + 1, b"H") {
        return same("J", step);
    }
    let slavic = word.slavic && at > word.first && !word.is(at - 1, b"T");
    ("S", if word.has(at + 1, &["ZO", "ZI", "ZA"]) || slavic { "TS" } else { "S" }, step)
}

fn t(word: &Word, at: usize) -> Sound {
    if word.has(at, &["TION", "TIA", "TCH"]) {
        return same("X", 3);
    }
    if word.has(at, &["TH", "TTH"]) {
        // Thomas, thames, and German names.
        let hard = word.has(at + 2, &["OM", "AM"]) || word.begins(&["VAN ", "VON ", "SCH"]);
        return if hard { same("T", 2) } else { ("0", "T", 2) };
    }
    same("T", word.doubled(at, b"TD"))
}

fn w(word: &Word, at: usize) -> Sound {
    if word.has(at, &["WR"]) {
        return same("R", 2);
    }
    if at == word.first && word.vowel(at + 1) {
        return ("A", "F", 1);
    }
    if at == word.first && word.has(at, &["WH"]) {
        return same("A", 1);
    }
    if at == word.last && word.vowel(at - 1) || word.has(at - 1, &["EWSKI", "EWSKY", "OWSKI", "OWSKY"]) || word.begins(&["SCH"]) {
        return ("", "F", 1);
    }
    if word.has(at, &["WICZ", "WITZ"]) {
        return ("TS", "FX", 4);
    }
    same("", 1)
}
