//! The manual page and the completions, printed from the catalogue.

use std::io::{self, Write};

use clap_complete::Shell;
use trommel_app::catalogue::{Entry, Scope, Shape, entries};

use super::arguments::command;
use super::colour::Colour;

/// Shells completions are made for.
pub(super) const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];

/// Completions for one of [`SHELLS`].
pub(super) fn completions(shell: &str, out: &mut dyn Write) -> io::Result<()> {
    let shell: Shell = shell.parse().map_err(|e: String| io::Error::new(io::ErrorKind::InvalidInput, e))?;
    // Written to memory first: the generator panics when a reader goes away.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(Colour::Off), "trommel", &mut text);
    out.write_all(&text)?;
    out.flush()
}

/// The manual page in roff.
pub(super) fn page(out: &mut dyn Write) -> io::Result<()> {
    let man = clap_mangen::Man::new(command(Colour::Off)).manual("Trommel");
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    writeln!(out, ".SH VERBS")?;
    for entry in entries().iter().filter(|e| !e.verb.is_empty()) {
        verb(entry, out)?;
    }
    writeln!(out, ".SH KEYS OF THE TERMINAL UI")?;
    for entry in entries().iter().filter(|e| !e.keys.is_empty()) {
        for key in entry.keys {
            let place = match key.scope {
                Scope::Everywhere => "everywhere".to_owned(),
                Scope::On(screen) => format!("on {}", screen.title()),
            };
            writeln!(out, ".TP\n\\fB{}\\fR ({place})\n{}", escape(key.key), escape(entry.title.trim_end_matches('…')))?;
        }
    }
    writeln!(out, ".SH EXIT CODES")?;
    for (code, meaning) in EXITS {
        writeln!(out, ".TP\n\\fB{code}\\fR\n{}", escape(meaning))?;
    }
    writeln!(out, ".SH ENVIRONMENT")?;
    for (name, meaning) in VARIABLES {
        writeln!(out, ".TP\n\\fB{name}\\fR\n{}", escape(meaning))?;
    }
    out.flush()
}

/// What the process ends with.
pub(super) const EXITS: [(u8, &str); 10] = [
    (0, "Everything asked for was done."),
    (1, "A run or an operation failed."),
    (2, "The command line or the configuration is wrong."),
    (3, "Done, but rows went to quarantine; only from run and check."),
    (4, "A connection failed; trying again may help."),
    (5, "A quality gate failed."),
    (6, "Somebody else holds the lock."),
    (7, "Permission or authentication."),
    (8, "No space left."),
    (130, "Interrupted."),
];

/// What the environment can say.
pub(super) const VARIABLES: [(&str, &str); 6] = [
    ("TROMMEL_WORKSPACE", "Where to look for the workspace when -w is not given."),
    ("TROMMEL_ENV", "The environment of the workspace when --env is not given."),
    ("TROMMEL_CONFIG_DIR", "Where user settings lie instead of the standard folder."),
    ("NO_COLOR", "No colours."),
    ("CLICOLOR_FORCE", "Colours even when the output is no terminal."),
    ("SSH_TTY", "Set by SSH; the terminal UI then draws at most 15 frames a second."),
];

fn verb(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let mut usage = format!("\\fB{}\\fR", escape(&entry.verb.join(" ")));
    for a in entry.arguments {
        let name = a.name.to_ascii_uppercase();
        usage.push_str(&match a.shape {
            Shape::Required => format!(" \\fI{}\\fR", escape(&name)),
            Shape::Optional => format!(" [\\fI{}\\fR]", escape(&name)),
            Shape::Many => format!(" [\\fI{}\\fR ...]", escape(&name)),
            Shape::Option => format!(" [\\fB{}\\fR \\fI{}\\fR]", escape(&format!("--{}", a.name)), escape(&name)),
            Shape::Pair => format!(" [\\fB{}\\fR \\fIFROM\\fR [\\fITO\\fR]]", escape(&format!("--{}", a.name))),
            Shape::Flag => format!(" [\\fB{}\\fR]", escape(&format!("--{}", a.name))),
        });
    }
    writeln!(out, ".SS {usage}\n{}", escape(entry.help))?;
    for a in entry.arguments {
        let name = if matches!(a.shape, Shape::Option | Shape::Pair | Shape::Flag) {
            format!("--{}", a.name)
        } else {
            a.name.to_ascii_uppercase()
        };
        let default = a.default.map_or_else(String::new, |d| format!(" [default: {d}]"));
        writeln!(out, ".TP\n\\fI{}\\fR\n{}{}", escape(&name), escape(a.help), escape(&default))?;
    }
    writeln!(out, ".PP\nExample:\n.PP\n.nf\n{}\n.fi", escape(entry.example))
}

/// Text as roff takes it: no line starts a request, hyphens can be copied.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with('.') || text.starts_with('\'') { format!("\\&{text}") } else { text }
}
