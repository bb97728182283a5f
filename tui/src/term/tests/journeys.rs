//! Keys in, commands out: what a person can do without looking at the screen.

use trommel_app::{
    BoardCommand, CheckCommand, Command, Destination, ExportFormat, ExportRequest, ListKind, PipelineCommand, ProfileMoment,
    QualityCommand, QuarantineCommand, RecipeCommand, RenderRequest, RowDecision, Screen, Selection, SourceCommand, Subject, TableCommand,
    WorkspaceCommand,
};
use trommel_model::{Amendment, HeldRow, Order, SortKey};

use super::super::Wish;
use super::Seat;
use crate::Desk;

const SIZE: (u16, u16) = (80, 24);

fn quotes() -> Subject {
    Subject::Table("mart.quotes".parse().unwrap())
}

fn at_quotes() -> Seat {
    let mut seat = Seat::new(SIZE);
    seat.desk.done(Command::Table(TableCommand::Open(quotes())));
    seat.settle();
    seat
}

#[test]
fn keys_come_to_commands() {
    let sort = |column: &str, order| Command::Table(TableCommand::Sort(vec![SortKey { column: column.into(), order }]));
    let open = |subject| Command::Table(TableCommand::Open(subject));
    let decide = |line, amendment| {
        let row = HeldRow { table: "raw.bravo_quotes".parse().unwrap(), file: "bravo/quotes.csv".into(), line };
        Command::Quarantine(QuarantineCommand::Decide(RowDecision { row, amendment, why: String::new() }))
    };
    let raw = |name: &str| Subject::Table(format!("raw.{name}").parse().unwrap());
    for (keys, expected) in [
        ("2", Command::Show(Screen::Table)),
        ("j", Command::Source(SourceCommand::Select("bravo_quotes".into()))),
        ("j enter", open(raw("bravo_quotes"))),
        ("j p", Command::Profile(raw("bravo_quotes"))),
        ("G k k k enter", open(quotes())),
        ("G enter", Command::Source(SourceCommand::Browse("shop".into()))),
        ("G t", Command::Source(SourceCommand::Test("shop".into()))),
        ("5 r", Command::Pipeline(PipelineCommand::Run(Selection::default()))),
        ("5 c", Command::Pipeline(PipelineCommand::Check(Selection::default()))),
        ("5 j", Command::Pipeline(PipelineCommand::SelectStep("raw.bravo_quotes".into()))),
        ("5 G enter", open(quotes())),
        ("5 l", open(Subject::List(ListKind::Runs))),
        ("5 l j enter", Command::Pipeline(PipelineCommand::ShowRun("20260130-093000-a1b2".into()))),
        ("4 enter", Command::Recipe(RecipeCommand::Preview { model: "clean.bravo_quotes".into(), sample: 1_000, whole: true })),
        ("4 v", Command::Recipe(RecipeCommand::ShowSql("clean.bravo_quotes".into()))),
        ("6 r", Command::Board(BoardCommand::Refresh)),
        ("6 l enter", Command::Board(BoardCommand::ShowKpi("conversion".into()))),
        ("ctrl+t", open(Subject::List(ListKind::Tables))),
        ("ctrl+t enter", open(quotes())),
        ("ctrl+k", open(Subject::List(ListKind::Quarantine(None, None)))),
        ("ctrl+k m \"!\" enter", decide(17, Amendment::Text("17;Oslo;x!".into()))),
        ("ctrl+k = \"12\" enter", decide(17, Amendment::Set(vec![("price".into(), "12".into())]))),
        ("ctrl+k d", decide(17, Amendment::Discard)),
        ("ctrl+k j u", decide(18, Amendment::Reopen)),
        ("ctrl+t enter f", open(Subject::List(ListKind::Failing("mart.quotes".parse().unwrap(), None)))),
        ("5 s", open(Subject::List(ListKind::Scores))),
        ("0", Command::Show(Screen::Checks)),
        ("0 c", Command::Pipeline(PipelineCommand::Check(Selection::default()))),
        ("0 j enter", open(Subject::List(ListKind::Failing("raw.bravo_quotes".parse().unwrap(), Some("not_null(quote_id)".into()))))),
        ("0 p", Command::Check(CheckCommand::Propose("mart.quotes".parse().unwrap()))),
        ("0 p j a", Command::Check(CheckCommand::Accept(2))),
        ("0 p a u", Command::Check(CheckCommand::Undo)),
        ("0 p esc", Command::Check(CheckCommand::Leave)),
        ("0 n", open(Subject::List(ListKind::Alerts))),
        ("ctrl+t enter p c enter", Command::Quality(QualityCommand::CompareProfiled(ProfileMoment::Kept("previous".into())))),
        ("ctrl+t enter p c enter v", Command::Quality(QualityCommand::TurnProfile)),
        ("ctrl+t enter p t", open(Subject::List(ListKind::Profiles("mart.quotes".parse().unwrap())))),
        ("ctrl+t enter p e enter", Command::Quality(QualityCommand::Report("profile.html".into()))),
        ("ctrl+p \"mart.quo\" enter", open(quotes())),
        ("ctrl+p \"last_run\" enter", Command::Pipeline(PipelineCommand::ShowRun("last".into()))),
        (": \"conver\" enter", Command::Board(BoardCommand::ShowKpi("conversion".into()))),
        ("ctrl+q \"1\" enter", open(Subject::Sql("select 1".into()))),
        ("ctrl+r", Command::Workspace(WorkspaceCommand::Reload)),
        ("3 esc", Command::Back),
    ] {
        let mut seat = Seat::new(SIZE);
        seat.press(keys);
        assert!(seat.desk.asked.contains(&expected), "{keys}: {:?}", seat.asked());
    }
    for (keys, expected) in [
        ("s", sort("entity_id", Order::Ascending)),
        ("l s", sort("broker", Order::Ascending)),
        ("l s s", sort("broker", Order::Descending)),
        ("l s s s", Command::Table(TableCommand::Sort(Vec::new()))),
        ("/ \"booked\" enter", Command::Table(TableCommand::Filter(Some("booked".into())))),
        ("p", Command::Table(TableCommand::Profile)),
        ("r", Command::Table(TableCommand::Refresh)),
        ("ctrl+p \"Sort_by…\" enter \"broker\" enter", sort("broker", Order::Ascending)),
        (
            "e enter",
            Command::Export(ExportRequest {
                subject: quotes(),
                format: ExportFormat::Xlsx,
                to: Destination::File("mart_quotes.xlsx".into()),
                raw: false,
            }),
        ),
    ] {
        let mut seat = at_quotes();
        seat.press(keys);
        assert!(seat.desk.asked.contains(&expected), "{keys}: {:?}", seat.asked());
    }
}

#[test]
fn a_picture_of_the_kpi_under_the_cursor() {
    let mut seat = Seat::new(SIZE);
    seat.press("6 l e enter");
    let Command::Board(BoardCommand::Render(RenderRequest { kpi, to, .. })) = seat.asked() else { panic!("{:?}", seat.asked()) };
    assert_eq!((kpi.as_str(), to.to_str()), ("conversion", Some("conversion.svg")));
}

#[test]
fn ten_million_rows_scroll_by_windows() {
    let mut seat = at_quotes();
    seat.press("G");
    assert!(seat.shown().contains("10,000,000"), "{}", seat.shown());
    assert!(!seat.shown().contains(" … "), "the last rows are loaded:\n{}", seat.shown());
    let asked: Vec<u64> = seat
        .desk
        .asked
        .iter()
        .filter_map(|c| if let Command::Table(TableCommand::Scroll { limit, .. }) = c { Some(*limit) } else { None })
        .collect();
    assert!(!asked.is_empty() && asked.iter().all(|n| *n <= 1_000), "{asked:?}");
    let before = seat.desk.asked.len();
    seat.press("k k k k");
    assert_eq!(seat.desk.asked.len(), before, "what is loaded is not asked for again");
    seat.press("g");
    assert!(seat.shown().contains("Zoë Müller"));
}

#[test]
fn a_filter_goes_back_to_the_first_row() {
    let mut seat = at_quotes();
    seat.press("G / \"booked\" enter");
    let shown = seat.shown();
    assert!(shown.contains("41 rows") && shown.contains("where booked") && shown.contains("row 1 "), "{shown}");
    seat.press("/ ctrl+u enter");
    assert!(seat.shown().contains("10,000,000 rows"), "an empty filter shows all:\n{}", seat.shown());
}

#[test]
fn what_cannot_be_done_says_why() {
    for (keys, reason) in [("5 x", "no run is going on"), ("2 ctrl+p \"cancel_the_run\"", "no run is going on")] {
        let mut seat = Seat::new(SIZE);
        seat.press(keys);
        assert!(seat.shown().contains(reason), "{keys}:\n{}", seat.shown());
    }
    let mut seat = Seat::empty(SIZE, super::PLAIN, crate::made::MadeDesk::new());
    for (keys, reason) in [("5 r", "no workspace is open"), ("2 s", "no table is open"), ("ctrl+t", "no workspace is open")] {
        seat.press(keys);
        assert!(seat.shown().contains(reason), "{keys}:\n{}", seat.shown());
    }
}

#[test]
fn a_name_that_is_not_there_is_told_and_can_be_read_whole() {
    let mut seat = Seat::new(SIZE);
    seat.press("ctrl+p \"show_a_kpi\" enter");
    assert!(seat.shown().contains("Show a KPI"), "{}", seat.shown());
    seat.press("\"revenu\" enter");
    assert!(seat.shown().contains("there is no KPI \"revenu\""), "{}", seat.shown());
    seat.press("!");
    assert!(seat.shown().contains("error[unknown-name]"), "{}", seat.shown());
}

#[test]
fn commands_can_be_copied_and_say_the_same() {
    for (commands, keys, expected) in [
        (vec![], "y", "trommel source preview alpha_quotes"),
        (vec![Command::Table(TableCommand::Open(quotes()))], "y", "trommel query mart.quotes"),
        (
            vec![Command::Table(TableCommand::Open(quotes()))],
            "l s s / \"city_=_'Oslo'\" enter y",
            "trommel query 'select * from mart.quotes where city = '\\''Oslo'\\'' order by broker desc'",
        ),
        (vec![], "ctrl+t y", "trommel lake tables"),
        (vec![Command::Profile(quotes())], "y", "trommel profile mart.quotes"),
        (vec![], "5 y", "trommel plan"),
        (vec![], "6 y", "trommel board rental"),
        (vec![], "7 y", "trommel runs list"),
    ] {
        let mut seat = Seat::new(SIZE);
        for command in commands {
            seat.desk.done(command);
            seat.settle();
        }
        seat.press(keys);
        assert_eq!(seat.wishes, [Wish::Copy(expected.to_owned())], "{keys}");
    }
}

#[test]
fn esc_backs_out_one_level_at_a_time() {
    let mut seat = at_quotes();
    seat.press("5 ctrl+p");
    assert!(seat.shown().contains("Find"));
    seat.press("esc");
    assert!(!seat.shown().contains("Find"));
    seat.press("tab esc");
    assert_eq!(seat.desk.view().screen, Screen::Pipeline, "esc goes back to the first pane first");
    seat.press("esc");
    assert_eq!(seat.desk.view().screen, Screen::Table);
}

#[test]
fn leaving_while_something_runs_asks_and_stops_it() {
    let mut seat = Seat::new(SIZE);
    assert_eq!(seat.press("q").wishes, [Wish::Quit], "nothing runs");
    let mut seat = Seat::new(SIZE);
    seat.desk.hold();
    seat.press("5 r q");
    assert!(seat.wishes.is_empty() && seat.shown().contains("Leave?"), "{}", seat.shown());
    seat.press("n");
    assert!(!seat.shown().contains("Leave?") && !seat.face.is_leaving());
    seat.press("q y");
    assert!(seat.face.is_leaving());
    assert!(seat.desk.asked.iter().any(|c| matches!(c, Command::CancelJob(_))));
    assert_eq!(seat.press("ctrl+c").wishes, [Wish::Quit], "the second time at once");
}

#[test]
fn the_shell_can_have_the_terminal_at_any_time() {
    for keys in ["ctrl+z", "ctrl+p ctrl+z", "5 ctrl+z"] {
        assert_eq!(Seat::new(SIZE).press(keys).wishes, [Wish::Suspend], "{keys}");
    }
}

#[test]
fn every_entry_of_the_palette_can_be_pressed_without_harm() {
    for entry in trommel_app::catalogue::entries() {
        let mut seat = at_quotes();
        seat.press("ctrl+p");
        for c in entry.title.chars() {
            seat.key(&c.to_string());
        }
        seat.press("enter");
        seat.shown();
        seat.press("esc esc");
    }
}

#[test]
fn light_and_dark_are_a_key_apart() {
    use crate::term::capabilities::{Capabilities, Depth};
    let mut seat = Seat::with(SIZE, Capabilities { depth: Depth::True, ..super::PLAIN });
    let background = |seat: &mut Seat| seat.draw().backend().buffer().content[0].bg;
    let dark = background(&mut seat);
    seat.press("ctrl+l");
    assert_ne!(background(&mut seat), dark);
    seat.press("ctrl+l");
    assert_eq!(background(&mut seat), dark);
}
