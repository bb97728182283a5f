//! A note on the desktop, by the service that GNOME, KDE and others offer on the session bus.
//!
//! <https://specifications.freedesktop.org/notification-spec/latest/>.

use std::collections::HashMap;
use std::time::Duration;

use trommel_model::{AlertMessage, Cancel, Code, Outcome, Problem};
use zbus::zvariant::Value;
use zbus::{Connection, Proxy};

use crate::layers::Patience;

const BUS: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const PATIENCE: Duration = Duration::from_secs(3);
/// Lines that a note shows.
const LINES: usize = 6;

/// Shows a note.
pub(super) fn show(message: &AlertMessage) -> Outcome<()> {
    // A body may be read as markup.
    let escape = |text: &String| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = message.lines.iter().filter(|l| !l.is_empty()).take(LINES).map(escape).collect::<Vec<_>>().join("\n");
    let shown = async {
        let bus = Connection::session().await?;
        let service = Proxy::new(&bus, BUS, PATH, BUS).await?;
        let hints: HashMap<&str, Value<'_>> = HashMap::new();
        let actions: Vec<&str> = Vec::new();
        let _: u32 = service
            .call("Notify", &("Trommel", 0_u32, "dialog-warning", message.title.as_str(), body.as_str(), actions, hints, -1_i32))
            .await?;
        Ok(())
    };
    Patience::new(&Cancel::new())?.within(Some(PATIENCE), shown, |e: zbus::Error| {
        Problem::new(Code::Connection, "there is no desktop to show a note on")
            .why(e.to_string())
            .next("on a machine without one use mail or a webhook")
    })
}
