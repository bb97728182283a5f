//! Sizes of memory as people write them.

/// The bytes that a text such as `2GB`, `512 MiB` or `1.5gb` stands for; nothing when it is not a size of at least one byte.
///
/// `KB`, `MB`, `GB`, `TB` are powers of 1000; `KiB`, `MiB`, `GiB`, `TiB` powers of 1024.
pub fn memory_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    let bytes = number * factor as f64;
    (1.0..9e18).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_nonsense_is_refused() {
        for (text, bytes) in [
            ("2GB", Some(2_000_000_000)),
            (" 512 MiB ", Some(536_870_912)),
            ("1.5gb", Some(1_500_000_000)),
            ("1B", Some(1)),
            ("2", None),
            ("GB", None),
            ("-1GB", None),
            ("0GB", None),
            ("2 G", None),
            ("1.2.3GB", None),
            ("99999999TB", None),
        ] {
            assert_eq!(memory_bytes(text), bytes, "{text}");
        }
    }
}
