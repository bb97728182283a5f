//! The reference as Markdown, printed from the catalogue: `docs/reference.md` is this text.

use std::fmt::Write as _;

use trommel_app::catalogue::{Argument, Entry, Scope, Shape, entries};

use super::manual::{EXITS, VARIABLES};

/// The whole reference.
pub(super) fn text() -> String {
    let mut out = "# Reference\n\nPrinted by `trommel man --markdown` from the command catalogue, as are the manual page, the help and the palettes.\n".to_owned();
    out.push_str("\n## Verbs\n");
    for entry in entries().iter().filter(|e| !e.verb.is_empty()) {
        verb(entry, &mut out);
    }
    out.push_str("\n## Keys\n\nThe same on the terminal and the desktop.\n\n| key | where | what |\n|---|---|---|\n");
    for entry in entries() {
        for key in entry.keys {
            let place = match key.scope {
                Scope::Everywhere => "everywhere",
                Scope::On(screen) => screen.title(),
            };
            row(&mut out, &[&format!("`{}`", key.key), place, entry.title.trim_end_matches('…')]);
        }
    }
    out.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in EXITS {
        row(&mut out, &[&code.to_string(), meaning]);
    }
    out.push_str("\n## Environment\n\n| variable | meaning |\n|---|---|\n");
    for (name, meaning) in VARIABLES {
        row(&mut out, &[&format!("`{name}`"), meaning]);
    }
    out
}

fn verb(entry: &Entry, out: &mut String) {
    let usage: String = entry.arguments.iter().map(|a| format!(" {}", usage(a))).collect();
    let _ = write!(out, "\n### `trommel {}{usage}`\n\n{}\n", entry.verb.join(" "), entry.help);
    if !entry.arguments.is_empty() {
        out.push_str("\n| argument | meaning | default |\n|---|---|---|\n");
        for argument in entry.arguments {
            row(out, &[&format!("`{}`", name(argument)), argument.help, argument.default.unwrap_or_default()]);
        }
    }
    let _ = write!(out, "\n```\n{}\n```\n", entry.example);
}

fn usage(argument: &Argument) -> String {
    let value = argument.name.to_uppercase();
    match argument.shape {
        Shape::Required => value,
        Shape::Optional => format!("[{value}]"),
        Shape::Many => format!("[{value} …]"),
        Shape::Option => format!("[--{} {value}]", argument.name),
        Shape::Pair => format!("[--{} FROM [TO]]", argument.name),
        Shape::Flag => format!("[--{}]", argument.name),
    }
}

fn name(argument: &Argument) -> String {
    if matches!(argument.shape, Shape::Option | Shape::Pair | Shape::Flag) {
        format!("--{}", argument.name)
    } else {
        argument.name.to_uppercase()
    }
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}
