//! A user's settings: `settings.toml` in the standard configuration folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;
use trommel_model::{Code, Outcome, Problem};

use super::Folders;
use crate::disk::{make_private_folder, write_atomically};
use crate::load::{Step, config_fault, read_own};

/// What a user decided. Keys that the file does not have keep their defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// When text is coloured.
    pub colour: ColourChoice,
    /// Whether the terminal UI takes the mouse.
    pub mouse: MouseChoice,
    /// Scale of the desktop app in per cent, 75 to 200; absent for the system's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_pct: Option<u16>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system or the terminal says.
    #[default]
    System,
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// When text is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourChoice {
    /// On a terminal that can, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether the terminal UI takes the mouse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MouseChoice {
    /// At this machine, but not over SSH, where the terminal's own selection is worth more.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Scales that the desktop app can draw, in per cent.
const SCALES: std::ops::RangeInclusive<u16> = 75..=200;

/// Reads the settings. Without a file they are the defaults.
///
/// A file with a fault gives the defaults and the fault, for a warning; the file is left as it is.
pub fn settings(folders: &Folders) -> (Settings, Option<Problem>) {
    match read(folders) {
        Ok(found) => (found.map(|(settings, _)| settings).unwrap_or_default(), None),
        Err(problem) => (Settings::default(), Some(problem)),
    }
}

/// Writes the settings and keeps the comments and the order of what stands in the file.
///
/// A file with a fault is not overwritten: the fault comes back instead.
pub fn save_settings(folders: &Folders, settings: &Settings) -> Outcome<()> {
    let path = path(folders);
    make_private_folder(&folders.config).map_err(|e| Problem::from_io(&e, "make the folder of the settings", &folders.config))?;
    let old = read(folders)?.map(|(_, text)| text).unwrap_or_default();
    let internal = |why: String| Problem::new(Code::Internal, "cannot write the settings").in_file(&path).why(why);
    let mut document: DocumentMut = old.parse().map_err(|e: toml_edit::TomlError| internal(e.to_string()))?;
    let new: DocumentMut = toml::to_string(settings)
        .map_err(|e| internal(e.to_string()))?
        .parse()
        .map_err(|e: toml_edit::TomlError| internal(e.to_string()))?;
    document.retain(|key, _| new.contains_key(key));
    for (key, item) in new.iter() {
        let (Some(value), slot) = (item.as_value(), document.entry(key).or_insert(toml_edit::Item::None)) else { continue };
        // The value changes, what stands around it stays.
        let mut value = value.clone();
        if let Some(old) = slot.as_value() {
            *value.decor_mut() = old.decor().clone();
        }
        *slot = toml_edit::Item::Value(value);
    }
    write_atomically(&path, &document.to_string())
}

fn path(folders: &Folders) -> PathBuf {
    folders.config.join("settings.toml")
}

/// The settings with the text they stand in; nothing when there is no file.
fn read(folders: &Folders) -> Outcome<Option<(Settings, String)>> {
    let Some((settings, file)) = read_own::<Settings>(&path(folders))? else { return Ok(None) };
    if let Some(scale) = settings.scale_pct.filter(|scale| !SCALES.contains(scale)) {
        let what = format!("a scale of {scale} % cannot be drawn");
        return Err(config_fault(&file, &[Step::Key("scale_pct")], what, "not from 75 to 200").next("use a number from 75 to 200"));
    }
    Ok(Some((settings, file.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Folders) {
        let dir = tempfile::tempdir().unwrap();
        let folders = super::super::folders(Some(dir.path().join("trommel"))).unwrap();
        (dir, folders)
    }

    #[test]
    fn what_is_saved_is_read() {
        let (_dir, folders) = fresh();
        assert_eq!(settings(&folders), (Settings::default(), None));
        let changed = Settings { theme: ThemeChoice::Dark, colour: ColourChoice::Never, mouse: MouseChoice::Off, scale_pct: Some(125) };
        save_settings(&folders, &changed).unwrap();
        assert_eq!(settings(&folders), (changed, None));
        let without_scale = Settings { scale_pct: None, ..changed };
        save_settings(&folders, &without_scale).unwrap();
        assert_eq!(settings(&folders), (without_scale, None));
    }

    #[test]
    fn comments_and_order_stay() {
        let (_dir, folders) = fresh();
        std::fs::create_dir_all(&folders.config).unwrap();
        let text = "# mine\nmouse = \"off\" # no thanks\n\n# eyes\ntheme = \"light\"\n";
        std::fs::write(path(&folders), text).unwrap();
        let (mut mine, problem) = settings(&folders);
        assert_eq!((mine.mouse, mine.theme, problem), (MouseChoice::Off, ThemeChoice::Light, None));
        mine.theme = ThemeChoice::Dark;
        save_settings(&folders, &mine).unwrap();
        let expected = "# mine\nmouse = \"off\" # no thanks\n\n# eyes\ntheme = \"dark\"\ncolour = \"auto\"\n";
        assert_eq!(std::fs::read_to_string(path(&folders)).unwrap(), expected);
    }

    #[test]
    fn a_faulty_file_warns_and_is_left_alone() {
        for (text, line, column, next) in [
            ("theme = \"darkk\"\n", 1, 9, "did you mean \"dark\"?"),
            ("colour = \"auto\"\nmose = \"off\"\n", 2, 1, "did you mean \"mouse\"?"),
            ("scale_pct = 300\n", 1, 13, "use a number from 75 to 200"),
        ] {
            let (_dir, folders) = fresh();
            std::fs::create_dir_all(&folders.config).unwrap();
            std::fs::write(path(&folders), text).unwrap();
            let (given, problem) = settings(&folders);
            let problem = problem.unwrap();
            assert_eq!(given, Settings::default(), "{text}");
            assert_eq!(
                (problem.place.line, problem.place.column, problem.next.as_deref()),
                (Some(line), Some(column), Some(next)),
                "{text}"
            );
            assert_eq!(problem.place.file, Some(path(&folders)));
            assert_eq!(save_settings(&folders, &Settings::default()).unwrap_err(), problem);
            assert_eq!(std::fs::read_to_string(path(&folders)).unwrap(), text);
        }
        let (_dir, folders) = fresh();
        std::fs::create_dir_all(&folders.config).unwrap();
        std::fs::write(path(&folders), b"theme = \"\xff\"").unwrap();
        assert_eq!(settings(&folders).1.unwrap().code, Code::BadEncoding);
    }
}
