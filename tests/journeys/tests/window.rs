//! The desktop in a real window: it opens, shows each screen, runs the pipeline, changes its look, and closes.
//!
//! `TROMMEL_PICTURES=DIR` keeps the pictures; `scripts/pictures` makes those of the guide so.

use std::path::PathBuf;

use trommel_journeys::expect;
use trommel_journeys::window::{Display, Window, brightness};

#[test]
fn a_person_sees_every_screen_in_a_window() {
    let Some(display) = Display::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pictures = std::env::var_os("TROMMEL_PICTURES").map_or_else(|| folder.path().join("pictures"), PathBuf::from);
    std::fs::create_dir_all(&pictures).unwrap();
    expect(folder.path(), &["example", "car-rental", "--rows", "20000"], 0);
    let root = folder.path().join("car-rental");

    // A day of one broker, as somebody might send it.
    let bravo = std::fs::read_dir(root.join("data/bravo")).unwrap().map(|e| e.unwrap().path()).min().unwrap();

    let window = Window::open(&display, &root, &pictures);
    let mut last = window.picture("sources", None);
    for (key, name) in [("5", "pipeline"), ("6", "board"), ("7", "jobs"), ("8", "help"), ("1", "sources")] {
        window.press(&[key]);
        last = window.picture(name, Some(&last));
    }
    window.press(&["ctrl+p"]);
    last = window.picture("palette", Some(&last));
    window.type_in("mart.quotes");
    last = window.picture("palette-found", Some(&last));
    window.press(&["Return"]);
    last = window.picture("table", Some(&last));
    window.press(&["p"]);
    last = window.picture("profile", Some(&last));
    window.press(&["1"]);
    last = window.picture("sources", Some(&last));
    window.press(&["i"]);
    last = window.picture("import-empty", Some(&last));
    window.type_in(&bravo.to_string_lossy());
    last = window.picture("import-asked", Some(&last));
    window.press(&["Return"]);
    last = window.picture("import", Some(&last));
    window.press(&["Escape"]);
    window.press(&["n"]);
    last = window.picture("connect", Some(&last));
    window.press(&["Escape"]);
    window.press(&["6"]);
    last = window.picture("board", Some(&last));
    let dark = brightness(&last);
    window.press(&["ctrl+l"]);
    last = window.picture("board-other-theme", Some(&last));
    assert!((dark - brightness(&last)).abs() > 0.3, "light and dark differ: {dark} and {}", brightness(&last));
    assert!(window.close("q"), "it ends well");
}
