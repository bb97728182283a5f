//! Files that editors and systems leave for a moment, and that nobody means to be part of a workspace.

/// True for hidden files and folders, back-ups, swap files and half-written files, by name alone.
pub(crate) fn is_noise(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with(['.', '#', '~'])
        || name.ends_with('~')
        || name == "4913" // Vim probes with this name whether it may write
        || name.contains("___jb_")
        || [".swp", ".swo", ".swx", ".swpx", ".tmp", ".temp", ".bak", ".orig", ".rej", ".part", ".crdownload", ".lock"]
            .iter()
            .any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_from_people() {
        for name in [
            ".trommel",
            ".git",
            ".orders.toml.swp",
            "orders.toml~",
            "#orders.toml#",
            ".#orders.toml",
            "4913",
            "orders.toml___jb_tmp___",
            ".goutputstream-A1B2C3",
            "~$orders.toml",
            "orders.toml.tmp",
            "a.BAK",
            ".DS_Store",
            ".trommel-x1.tmp",
        ] {
            assert!(is_noise(name), "{name}");
        }
        for name in ["orders.toml", "revenue.sql", "sources", "tmp", "49130", "lock.toml", "bak.sql"] {
            assert!(!is_noise(name), "{name}");
        }
    }
}
