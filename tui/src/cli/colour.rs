//! Whether colours are used on a stream.

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Use {
    /// On a terminal, unless the environment says no.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    On,
    Off,
}

impl Use {
    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        }
    }
}

impl Colour {
    /// The flag goes first, then `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, and whether somebody is looking.
    pub(crate) fn of(asked: Use, terminal: bool, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
        let on = match asked {
            Use::Always => true,
            Use::Never => false,
            Use::Auto if set("NO_COLOR") => false,
            Use::Auto if set("CLICOLOR_FORCE") && env("CLICOLOR_FORCE").as_deref() != Some("0") => true,
            Use::Auto => terminal && env("TERM").as_deref() != Some("dumb"),
        };
        if on { Self::On } else { Self::Off }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_honoured() {
        for (asked, terminal, vars, expected) in [
            (Use::Auto, true, vec![], Colour::On),
            (Use::Auto, false, vec![], Colour::Off),
            (Use::Auto, true, vec![("NO_COLOR", "1")], Colour::Off),
            (Use::Auto, true, vec![("NO_COLOR", "")], Colour::On),
            (Use::Auto, true, vec![("TERM", "dumb")], Colour::Off),
            (Use::Auto, false, vec![("CLICOLOR_FORCE", "1")], Colour::On),
            (Use::Auto, false, vec![("CLICOLOR_FORCE", "0")], Colour::Off),
            (Use::Auto, true, vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Colour::Off),
            (Use::Always, false, vec![("NO_COLOR", "1")], Colour::On),
            (Use::Never, true, vec![("CLICOLOR_FORCE", "1")], Colour::Off),
        ] {
            let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(Colour::of(asked, terminal, &env), expected, "{asked:?} {terminal} {vars:?}");
        }
    }
}
