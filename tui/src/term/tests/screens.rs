//! Every screen at two sizes, in ASCII, without colours, and in a small terminal.

use trommel_app::{BoardCommand, Command, PipelineCommand, RecipeCommand, Selection, Subject, TableCommand, Work};

use super::{ASCII, PLAIN, Seat};
use crate::made::{self, MadeDesk};
use crate::paint::Glyphs;
use crate::term::capabilities::{Capabilities, Depth};

const NORMAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 50);

fn quotes() -> Subject {
    Subject::Table("mart.quotes".parse().unwrap())
}

/// The states worth a look: a name, and how to get there.
fn states() -> Vec<(&'static str, Vec<Command>, &'static str)> {
    let open = || Command::Table(TableCommand::Open(quotes()));
    let preview = RecipeCommand::Preview { model: "clean.bravo_quotes".into(), sample: 1_000, whole: true };
    vec![
        ("sources", vec![], "j"),
        ("sources_model", vec![], "G k k k"),
        ("table", vec![open()], "j j l l l"),
        ("table_sorted_and_filtered", vec![open()], "l s / \"booked\" enter"),
        ("table_cell", vec![open()], "l l l j enter"),
        ("profile", vec![Command::Profile(quotes())], "j j j"),
        ("recipe", vec![Command::Recipe(preview)], ""),
        ("matches", vec![], "9"),
        ("match", vec![], "9 enter"),
        ("match_lower", vec![], "9 enter [ tab tab"),
        ("match_decided", vec![], "9 enter n tab"),
        ("pipeline_plan", vec![], "5 j j j"),
        ("pipeline_run", vec![Command::Pipeline(PipelineCommand::Run(Selection::default()))], "5 j"),
        ("board", vec![Command::Board(BoardCommand::Open(None))], ""),
        ("board_lower", vec![Command::Board(BoardCommand::Open(None))], "G"),
        ("jobs", vec![open(), Command::Profile(quotes())], "7"),
        ("help", vec![], "8 j j j"),
        ("palette", vec![open()], "ctrl+p \"quo\""),
        ("keys", vec![], "2 ?"),
        ("prompt", vec![open()], "e"),
        ("query", vec![], "ctrl+q \"*_from_ma\""),
        ("kpi", vec![Command::Board(BoardCommand::Open(None))], "l enter"),
        ("run_shown", vec![], "ctrl+p \"last_run\" enter"),
        ("checks", vec![], "5 c"),
        ("check_list", vec![], "0 j"),
        ("check_proposals", vec![], "0 p a j"),
        ("profile_change", vec![Command::Profile(quotes())], "c enter"),
        ("quarantine", vec![], "ctrl+k j"),
        ("quarantine_edit", vec![], "ctrl+k m"),
        ("sources_connection", vec![], "G"),
        ("import", vec![], "i \"quotes.csv\" enter j j j l"),
        ("import_typing", vec![], "i \"quotes.csv\" enter j j j enter \"x\""),
        ("connect", vec![], "n j enter \"mysql\" enter t"),
        ("connection_tested", vec![], "G t"),
        ("browser", vec![], "G b j"),
        ("table_as_source", vec![], "G b enter j"),
        ("fault", vec![Command::Table(TableCommand::Open(Subject::Sql("select pric from mart.quotes".into())))], ""),
    ]
}

fn seat(size: (u16, u16), capabilities: Capabilities, commands: Vec<Command>, keys: &str) -> Seat {
    let mut seat = Seat::with(size, capabilities);
    for command in commands {
        seat.desk.done(command);
        seat.settle();
    }
    seat.press(keys);
    seat
}

#[test]
fn every_screen_at_80_by_24_and_200_by_50() {
    for (name, commands, keys) in states() {
        for size in [NORMAL, LARGE] {
            let mut seat = seat(size, PLAIN, commands.clone(), keys);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), seat.shown());
        }
    }
}

#[test]
fn ascii_terminals_get_nothing_else() {
    for (name, commands, keys) in states() {
        let mut seat = seat(NORMAL, ASCII, commands, keys);
        let shown = seat.shown();
        assert!(shown.is_ascii(), "{name}:\n{shown}");
        if ["pipeline_run", "board", "table"].contains(&name) {
            insta::assert_snapshot!(format!("{name}_ascii"), shown);
        }
    }
}

#[test]
fn a_small_terminal_gets_one_pane_and_a_hint() {
    for (name, commands, keys) in states() {
        for size in [(40, 10), (20, 5), (1, 1)] {
            let mut seat = seat(size, PLAIN, commands.clone(), keys);
            let shown = seat.shown();
            if size == (40, 10) && ["sources", "table", "pipeline_run", "board"].contains(&name) {
                insta::assert_snapshot!(format!("{name}_40x10"), shown);
            }
        }
    }
}

#[test]
fn text_is_the_same_whatever_the_colours() {
    for (name, commands, keys) in states() {
        let shown = |depth| seat(NORMAL, Capabilities { depth, ..PLAIN }, commands.clone(), keys).shown();
        let mono = shown(Depth::Mono);
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            assert_eq!(shown(depth), mono, "{name} in {depth:?}: colours are not all that tells things apart");
        }
    }
}

#[test]
fn without_colours_no_colour_is_sent() {
    for (name, commands, keys) in states() {
        let mut seat = seat(NORMAL, PLAIN, commands, keys);
        let terminal = seat.draw();
        for cell in &terminal.backend().buffer().content {
            assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset), "{name}");
        }
    }
}

#[test]
fn the_first_frame_needs_nothing() {
    let mut seat = Seat::empty(NORMAL, PLAIN, MadeDesk::new());
    let shown = seat.shown();
    assert!(shown.contains("Sources"), "{shown}");
    assert!(shown.contains("No workspace is open"), "{shown}");
}

#[test]
fn nothing_is_shown_of_what_is_on_its_way_but_that_it_is() {
    let mut seat = Seat::with(NORMAL, PLAIN);
    seat.desk.hold();
    let ask = |seat: &mut Seat, command| crate::Desk::ask(&mut seat.desk, command).unwrap();
    ask(&mut seat, Command::Profile(quotes()));
    assert!(seat.shown().contains("working…"), "{}", seat.shown());
    ask(&mut seat, Command::Table(TableCommand::Open(quotes())));
    assert!(seat.shown().contains("reading…"));
    seat.press("5");
    assert!(seat.shown().contains("planning…"));
}

#[test]
fn a_run_that_goes_on_is_seen_step_by_step() {
    let desk = MadeDesk::answering(|work| match work {
        Work::Run(..) => made::going_on().into_iter().map(trommel_app::News::Run).collect(),
        other => made::rental(other),
    });
    let mut seat = Seat::empty(NORMAL, PLAIN, desk);
    seat.desk.done(Command::Workspace(trommel_app::WorkspaceCommand::Open { start: "/data".into(), environment: None }));
    seat.press("5 r");
    insta::assert_snapshot!("pipeline_going_on_80x24", seat.shown());
    seat.press("o");
    assert!(seat.shown().contains("420 rows held"), "{}", seat.shown());
    let mut ascii = Seat { face: super::Face::new(Capabilities { glyphs: Glyphs::Ascii, ..PLAIN }, None), ..seat };
    assert!(ascii.shown().is_ascii());
}

#[test]
fn escapes_in_data_never_reach_the_terminal() {
    let mut seat = Seat::new(LARGE);
    seat.desk.done(Command::Table(TableCommand::Open(quotes())));
    seat.settle();
    let shown = seat.shown();
    assert!(!shown.contains('\u{1b}') && shown.contains("evil␛[31m"), "{shown}");
}

/// Counts what goes to the terminal.
#[derive(Clone, Default)]
struct Wire(std::rc::Rc<std::cell::Cell<usize>>);

impl std::io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_screen_change_is_at_most_20_kb_and_a_key_2_kb() {
    use ratatui::backend::CrosstermBackend;
    let colours = Capabilities { depth: Depth::True, ..PLAIN };
    let mut seat = Seat::with(NORMAL, colours);
    seat.desk.done(Command::Table(TableCommand::Open(quotes())));
    seat.settle();
    let fixed = ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(ratatui::layout::Rect::new(0, 0, 80, 24)) };
    let wire = Wire::default();
    let mut terminal = ratatui::Terminal::with_options(CrosstermBackend::new(wire.clone()), fixed).unwrap();
    let mut bytes_for = |seat: &mut Seat, keys: &str| {
        seat.press(keys);
        let before = wire.0.get();
        let Seat { desk, face, .. } = seat;
        terminal.draw(|frame| face.draw(&crate::Desk::view(desk), frame)).unwrap();
        wire.0.get() - before
    };
    let whole = bytes_for(&mut seat, "");
    assert!(whole <= 20_000, "a whole frame is {whole} bytes");
    for keys in ["j", "l", "j"] {
        let bytes = bytes_for(&mut seat, keys);
        assert!(bytes <= 2_000, "{keys} is {bytes} bytes");
    }
    for keys in ["5", "6", "1", "ctrl+p"] {
        let bytes = bytes_for(&mut seat, keys);
        assert!(bytes <= 20_000, "{keys} is {bytes} bytes");
    }
}
