//! Keys as the catalogue names them: a character, or `enter`, `esc`, `ctrl+p`, `f5`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{Input, Key};

/// The name of a key; none for keys nobody can bind.
pub(crate) fn name(key: &KeyEvent) -> Option<String> {
    let base = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => c.to_ascii_lowercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => return Some("backtab".to_owned()),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::PageUp => "pageup".to_owned(),
        KeyCode::PageDown => "pagedown".to_owned(),
        _ => return None,
    };
    let mut name = String::new();
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        name.push_str("ctrl+");
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        name.push_str("alt+");
    }
    Some(name + &base)
}

/// The key as a text field takes it.
pub(crate) fn input(key: &KeyEvent) -> Input {
    let to = match key.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::F(n) => Key::F(n),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => Key::Null,
    };
    let held = |m: KeyModifiers| key.modifiers.contains(m);
    Input { key: to, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift: held(KeyModifiers::SHIFT) }
}

/// What stands on the key, for hints: `ctrl+p` is `^P`.
pub(crate) fn shown(name: &str) -> String {
    match name.strip_prefix("ctrl+") {
        Some(letter) => format!("^{}", letter.to_ascii_uppercase()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_catalogue() {
        let key = |code, modifiers| KeyEvent::new(code, modifiers);
        for (given, expected) in [
            (key(KeyCode::Char('p'), KeyModifiers::CONTROL), "ctrl+p"),
            (key(KeyCode::Char('P'), KeyModifiers::CONTROL | KeyModifiers::SHIFT), "ctrl+p"),
            (key(KeyCode::Char('G'), KeyModifiers::SHIFT), "G"),
            (key(KeyCode::Char(':'), KeyModifiers::SHIFT), ":"),
            (key(KeyCode::Char('?'), KeyModifiers::NONE), "?"),
            (key(KeyCode::Enter, KeyModifiers::NONE), "enter"),
            (key(KeyCode::BackTab, KeyModifiers::SHIFT), "backtab"),
            (key(KeyCode::Enter, KeyModifiers::ALT), "alt+enter"),
            (key(KeyCode::F(5), KeyModifiers::NONE), "f5"),
        ] {
            assert_eq!(name(&given).as_deref(), Some(expected));
        }
        assert_eq!(shown("ctrl+p"), "^P");
    }

    #[test]
    fn every_key_of_the_catalogue_can_be_pressed() {
        for entry in trommel_app::catalogue::entries() {
            for binding in entry.keys {
                let (modifiers, base) = match binding.key.strip_prefix("ctrl+") {
                    Some(base) => (KeyModifiers::CONTROL, base),
                    None => (KeyModifiers::NONE, binding.key),
                };
                let code = match base {
                    "enter" => KeyCode::Enter,
                    "esc" => KeyCode::Esc,
                    one => KeyCode::Char(one.chars().next().unwrap()),
                };
                assert_eq!(name(&KeyEvent::new(code, modifiers)).as_deref(), Some(binding.key), "{}", entry.id);
            }
        }
    }
}
