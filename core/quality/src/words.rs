//! Words that stand for no value.

/// True for words that people write where they know nothing. Case does not matter.
pub(crate) fn is_null_word(text: &str) -> bool {
    const WORDS: [&str; 28] = [
        "null",
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "nan",
        "none",
        "nil",
        "-",
        "--",
        "---",
        "?",
        "??",
        ".",
        "..",
        "unknown",
        "missing",
        "tbd",
        "n/d",
        "undefined",
        "(null)",
        "<null>",
        "\\n",
        "not available",
        "not applicable",
        "no data",
        "#ref!",
        "#value!",
    ];
    text.len() <= 14 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
