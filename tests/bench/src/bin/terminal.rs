//! The terminal UI on a real pseudo-terminal: time to the first frame, and from a key to its frame while a run goes on.
//!
//! `terminal [--rows N] [--starts N] [--keys N]`. A frame that progress draws between a key and its own frame is counted
//! as the key's; there are at most ten of those a second, so the larger figures are not touched by it.
#![expect(clippy::print_stdout, reason = "a measurement prints what it measured")]

use std::time::{Duration, Instant};

use trommel_journeys::expect;
use trommel_journeys::terminal::Terminal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, usual: usize| -> Result<usize, std::num::ParseIntError> {
        arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).map_or(Ok(usual), |v| v.parse())
    };
    let (rows, starts, keys) = (number("--rows", 1_000_000)?, number("--starts", 20)?, number("--keys", 400)?);
    let folder = tempfile::tempdir()?;
    expect(folder.path(), &["example", "car-rental", "--rows", &rows.to_string(), "--no-run"], 0);
    let root = folder.path().join("car-rental");

    let mut first = Vec::new();
    for _ in 0..starts {
        let started = Instant::now();
        let mut terminal = Terminal::start(&root, &[], 80, 24);
        terminal.wait_for("Sources");
        first.push(started.elapsed());
        terminal.press("q");
        terminal.ended();
    }
    say("first frame", &mut first);

    let mut terminal = Terminal::start(&root, &[], 80, 24);
    terminal.wait_for("First rows");
    terminal.press("5");
    terminal.wait_for("clean.alpha");
    terminal.press("r");
    terminal.wait_for("running");
    let mut times = Vec::new();
    let mut bytes = Vec::new();
    let mut down = true;
    while times.len() < keys {
        let mut key = if down { "j" } else { "k" };
        // Seven steps down, seven up, now and then another screen and back.
        match times.len() % 16 {
            7 => down = false,
            14 => key = "2",
            15 => (key, down) = ("5", true),
            _ => {}
        }
        let (time, written) = terminal.answer(key);
        times.push(time);
        bytes.push(written);
    }
    terminal.press("5");
    terminal.wait_for("running");
    bytes.sort_unstable();
    say("key to frame during a run", &mut times);
    println!("bytes a key: median {}, most {}", bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
    terminal.press("x");
    terminal.wait_for("cancelled");
    terminal.press("q");
    terminal.ended();
    Ok(())
}

fn say(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let ms = |at: usize| times[at.min(times.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{what}: n {}, median {:.1} ms, p95 {:.1} ms, most {:.1} ms",
        times.len(),
        ms(times.len() / 2),
        ms(times.len() * 95 / 100),
        ms(times.len())
    );
}
