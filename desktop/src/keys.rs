//! Keys as the catalogue writes them.

use egui::{Event, Key, Modifiers};

/// The catalogue's name of a key press: `ctrl+p`, `enter`, `f5`, `/`. Keys without a name there give nothing.
pub(crate) fn name(key: Key, modifiers: Modifiers) -> Option<String> {
    let plain = match key {
        Key::Enter => "enter".to_owned(),
        Key::Escape => "esc".to_owned(),
        Key::Slash => if modifiers.shift { "?" } else { "/" }.to_owned(),
        Key::Questionmark => "?".to_owned(),
        Key::OpenBracket => "[".to_owned(),
        Key::CloseBracket => "]".to_owned(),
        Key::Colon => ":".to_owned(),
        Key::Semicolon if modifiers.shift => ":".to_owned(),
        key => {
            let name = key.name();
            if name.chars().count() != 1 {
                return name.starts_with('F').then(|| name.to_ascii_lowercase());
            }
            name.to_ascii_lowercase()
        }
    };
    Some(if modifiers.command { format!("ctrl+{plain}") } else { plain })
}

/// The keys pressed in this frame, unless a text field takes them.
pub(crate) fn pressed(context: &egui::Context) -> Vec<String> {
    let typing = context.egui_wants_keyboard_input();
    context.input(|input| {
        let press = |event: &Event| match event {
            Event::Key { key, pressed: true, modifiers, .. } if !typing || modifiers.command || *key == Key::Escape => {
                name(*key, *modifiers)
            }
            _ => None,
        };
        input.events.iter().filter_map(press).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_names_of_the_catalogue() {
        for (key, modifiers, expected) in [
            (Key::P, Modifiers::COMMAND, Some("ctrl+p")),
            (Key::Num5, Modifiers::NONE, Some("5")),
            (Key::Escape, Modifiers::NONE, Some("esc")),
            (Key::Slash, Modifiers::SHIFT, Some("?")),
            (Key::F5, Modifiers::NONE, Some("f5")),
            (Key::ArrowUp, Modifiers::NONE, None),
        ] {
            assert_eq!(name(key, modifiers).as_deref(), expected);
        }
    }
}
