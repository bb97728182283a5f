//! The desktop in a real window on a screen of its own, driven and photographed from outside.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything a test waits for; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(90);

/// A screen without a monitor.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one of 1280 × 800 pixels. `None` where there is no X server; an error in CI.
    pub fn start() -> Option<Self> {
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut server) = server else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "Xvfb is not installed");
            eprintln!("LEFT OUT: there is no Xvfb");
            return None;
        };
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { server, name: format!(":{}", line.trim()) })
    }

    /// A program on this screen.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env("LIBGL_ALWAYS_SOFTWARE", "1");
        command
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// The desktop, running.
pub struct Window<'d> {
    display: &'d Display,
    program: Child,
    pictures: PathBuf,
}

impl<'d> Window<'d> {
    /// Opens the desktop on a folder or file and waits until the window is there.
    pub fn open(display: &'d Display, what: &Path, pictures: &Path) -> Self {
        let program = display
            .command(super::binary("trommel-desktop"))
            .arg(what)
            .env("XDG_CONFIG_HOME", pictures.join(".config"))
            .env("XDG_DATA_HOME", pictures.join(".data"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut window = Self { display, program, pictures: pictures.to_owned() };
        let found = window.tool(&["search", "--sync", "--onlyvisible", "--name", "Trommel"]);
        let id = found.lines().next().unwrap_or_default().to_owned();
        if let Some(status) = window.program.try_wait().unwrap() {
            panic!("the desktop ended: {status}");
        }
        window.tool(&["windowfocus", "--sync", &id]);
        window
    }

    /// Presses keys, by their X names.
    pub fn press(&self, keys: &[&str]) {
        self.tool(&[&["key", "--clearmodifiers"], keys].concat());
    }

    /// Types a text.
    pub fn type_in(&self, text: &str) {
        self.tool(&["type", "--clearmodifiers", text]);
    }

    /// A picture of the window once it stands still and differs from `before`.
    pub fn picture(&self, name: &str, before: Option<&Path>) -> PathBuf {
        let (first, second) = (self.pictures.join(format!("{name}.png")), self.pictures.join(format!("{name}-again.png")));
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.photograph(&first);
            self.photograph(&second);
            let still = pixels(&first) == pixels(&second);
            let changed = before.is_none_or(|before| pixels(before) != pixels(&first));
            if still && changed && colours(&first) > 40 {
                std::fs::remove_file(second).unwrap();
                return first;
            }
            assert!(Instant::now() < deadline, "{name}: still {still}, changed {changed}, {} colours", colours(&first));
        }
    }

    /// Asks the window to close and waits for the program's end.
    pub fn close(mut self, key: &str) -> bool {
        self.press(&[key]);
        self.program.wait().unwrap().success()
    }

    fn photograph(&self, to: &Path) {
        let done = self.display.command("import").args(["-window", "root", "-define", "png:exclude-chunks=date,time"]).arg(to).status();
        assert!(done.is_ok_and(|s| s.success()), "cannot photograph the screen: is imagemagick installed?");
    }

    fn tool(&self, arguments: &[&str]) -> String {
        let out = self.display.command("timeout").arg("60").arg("xdotool").args(arguments).output().unwrap();
        assert!(out.status.success(), "xdotool {arguments:?}: {}", super::text(&out.stderr));
        super::text(&out.stdout)
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

/// A number that stands for what a picture shows.
fn pixels(picture: &Path) -> String {
    asked(picture, "%#")
}

/// Different colours of a picture.
fn colours(picture: &Path) -> u64 {
    asked(picture, "%k").trim().parse().unwrap()
}

/// Mean brightness of a picture, from 0 to 1.
pub fn brightness(picture: &Path) -> f64 {
    asked(picture, "%[fx:mean]").trim().parse().unwrap()
}

fn asked(picture: &Path, what: &str) -> String {
    let out = Command::new("identify").args(["-format", what]).arg(picture).output().unwrap();
    assert!(out.status.success(), "{}: {}", picture.display(), super::text(&out.stderr));
    super::text(&out.stdout)
}
