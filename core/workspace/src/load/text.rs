//! A text file of the workspace, and faults that point into it.

use std::ops::Range;
use std::path::Path;

use trommel_model::{Code, Outcome, Problem};

/// A file of the workspace. Faults name it by its path relative to the workspace.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Relative to the workspace, with `/` between folders.
    pub path: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    /// The part of the text that is TOML, at the same byte positions as in `text`; everything else is blank.
    pub toml: String,
}

/// Larger files are refused before they are read: nobody writes them by hand.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

impl TextFile {
    /// Reads a regular file; all of it counts as TOML.
    pub fn read(absolute: &Path, path: &str) -> Outcome<Self> {
        let unreadable = |e: &std::io::Error| Problem::from_io(e, "read the file", Path::new(path));
        let about = std::fs::metadata(absolute).map_err(|e| unreadable(&e))?;
        if !about.is_file() {
            return Err(Problem::new(Code::FileUnreadable, "this is not a regular file").in_file(path));
        }
        if about.len() > MAX_BYTES {
            return Err(Problem::new(Code::TooLarge, format!("the file has {} bytes", about.len()))
                .in_file(path)
                .why(format!("a file of a workspace has at most {MAX_BYTES} bytes"))
                .next("data belongs in a folder that a source reads"));
        }
        let bytes = std::fs::read(absolute).map_err(|e| unreadable(&e))?;
        let text = String::from_utf8(bytes).map_err(|e| not_utf8(path, &e))?;
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        Ok(Self { path: path.to_owned(), toml: text.clone(), text })
    }

    /// A file that is not written yet; all of it counts as TOML.
    pub fn of(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), toml: text.clone(), text }
    }

    /// A fault at a span of the text. A span over several lines is cut to its first.
    pub fn fault(&self, code: Code, what: impl Into<String>, span: Range<usize>, label: impl Into<String>) -> Problem {
        let start = span.start.min(self.text.len());
        let line_end = self.text.get(start..).and_then(|rest| rest.find(['\r', '\n'])).map_or(self.text.len(), |at| start + at);
        let span = start..span.end.clamp(start, line_end);
        Problem::new(code, what).in_file(&self.path).pointing_at(&self.path, &self.text, span, label)
    }
}

fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Problem {
    let good = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..good].split(|b| *b == b'\n').count() as u64;
    Problem::new(Code::BadEncoding, "the file is not UTF-8 text").in_file(path).at_line(line).next("save it as UTF-8 in your editor")
}
