//! Text that would be written into the workspace.

use trommel_model::Added;

use crate::paint::Line;

/// Each file under its name as a remark, so that the whole is text of that kind too.
pub(crate) fn text(added: &Added) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, file) in added.files.iter().enumerate() {
        if at > 0 {
            lines.push(Line::new());
        }
        let title = if file.existed { format!("# {}, added", file.path) } else { format!("# {}", file.path) };
        lines.push(Line::new().muted(title));
        lines.extend(file.text.lines().map(|l| Line::new().plain(l.replace('\t', "    "))));
    }
    lines
}
