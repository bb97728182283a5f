//! What the terminal can show, from what its environment says.

use trommel_model::Theme;

use crate::cli::glyphs;
use crate::paint::Glyphs;

/// What the terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub(crate) depth: Depth,
    pub(crate) glyphs: Glyphs,
    pub(crate) theme: Theme,
    /// Somebody sits at the other end of a network.
    pub(crate) remote: bool,
}

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Any of 16 million.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The user's own sixteen.
    Sixteen,
    /// None; bold, dim and reverse do the work.
    Mono,
}

impl Capabilities {
    /// Reads the environment.
    pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
        Self { depth: depth(env), glyphs: glyphs(env), theme: theme(env), remote: set("SSH_TTY") || set("SSH_CONNECTION") }
    }
}

fn depth(env: &dyn Fn(&str) -> Option<String>) -> Depth {
    let term = env("TERM").unwrap_or_default();
    let colour = env("COLORTERM").unwrap_or_default();
    if env("NO_COLOR").is_some_and(|v| !v.is_empty()) || term == "dumb" || term.starts_with("vt") {
        Depth::Mono
    } else if matches!(colour.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

/// Terminals that tell their colours do so as `foreground;background` of the sixteen; most are dark.
fn theme(env: &dyn Fn(&str) -> Option<String>) -> Theme {
    let background = env("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok());
    match background {
        Some(7 | 9..=15) => Theme::Light,
        _ => Theme::Dark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_known_by_their_environment() {
        for (vars, depth, remote) in [
            (vec![("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True, false),
            (vec![("TERM", "xterm-direct")], Depth::True, false),
            (vec![("TERM", "screen-256color"), ("SSH_TTY", "/dev/pts/1")], Depth::Indexed, true),
            (vec![("TERM", "linux")], Depth::Sixteen, false),
            (vec![("TERM", "vt220")], Depth::Mono, false),
            (vec![("TERM", "xterm-256color"), ("NO_COLOR", "1")], Depth::Mono, false),
        ] {
            let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            let seen = Capabilities::detect(&env);
            assert_eq!((seen.depth, seen.remote), (depth, remote), "{vars:?}");
        }
        for (value, expected) in [("15;0", Theme::Dark), ("0;15", Theme::Light), ("0;default;15", Theme::Light), ("odd", Theme::Dark)] {
            assert_eq!(theme(&|name| (name == "COLORFGBG").then(|| value.to_owned())), expected);
        }
    }
}
