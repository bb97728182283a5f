//! Stopping.

use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use trommel_model::{Cancel, Code, Order, Outcome, SortKey};

use super::{ask, engine, engine_with};

/// Runs `work` in a thread, raises its flag once it has run for a while, and gives how long it took to stop.
fn stopped_after(work: impl FnOnce(&Cancel) -> Code + Send) -> Duration {
    let cancel = Cancel::new();
    let (started, begun) = bounded(1);
    thread::scope(|scope| {
        let flag = cancel.clone();
        let working = scope.spawn(move || {
            started.send(()).unwrap();
            work(&flag)
        });
        begun.recv().unwrap();
        // Long enough for the query to be under way, whatever it is busy with then.
        assert!(begun.recv_timeout(Duration::from_millis(300)).is_err());
        let asked = Instant::now();
        cancel.raise();
        assert_eq!(working.join().unwrap(), Code::Interrupted);
        asked.elapsed()
    })
}

#[test]
fn a_query_stops_soon_after_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let endless = "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3";
    let rows = "select a.range as x, md5(a.range::varchar) as y from range(1000000000) a";
    let by_y = SortKey { column: "y".into(), order: Order::Ascending };
    let limit = Duration::from_millis(200);
    let code = |result: Outcome<()>| result.expect_err("it was stopped").code;
    let took = [
        stopped_after(|c| code(engine.query(endless, c).map(drop))),
        stopped_after(|c| code(engine.execute(endless, c))),
        stopped_after(|c| code(engine.count(endless, c).map(drop))),
        stopped_after(|c| code(engine.measured(endless, c).map(drop))),
        stopped_after(|c| code(engine.window(rows, std::slice::from_ref(&by_y), None, 0, 10, c).map(drop))),
        stopped_after(|c| code(engine.stream(rows, c, &mut |_| Ok(())).map(drop))),
        stopped_after(|c| code(engine.query(&format!("select y, count(*) from ({rows}) group by y order by y"), c).map(drop))),
    ];
    assert!(took.iter().all(|t| *t < limit), "{took:?}");
    assert_eq!(ask(&engine, "select 42"), "42", "the engine goes on");
}

#[test]
fn a_raised_flag_stops_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let cancel = Cancel::new();
    cancel.raise();
    assert_eq!(engine.query("select 1", &cancel).unwrap_err().code, Code::Interrupted);
}

#[test]
fn more_than_memory_is_spilled_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_with(folder.path(), 100 << 20);
    let cancel = Cancel::new();
    let sorted = "select * from (select hash(range) as h, repeat('x', 50) as pad from range(6000000)) order by h";
    let mut rows = 0;
    engine
        .stream(sorted, &cancel, &mut |batch| {
            rows += batch.num_rows();
            Ok(())
        })
        .unwrap();
    assert_eq!(rows, 6_000_000);
    let problem = engine.query("select list(md5(range::varchar)) from range(20000000)", &cancel).unwrap_err();
    assert_eq!(problem.code, Code::OutOfMemory, "{problem:?}");
    let left = std::fs::read_dir(folder.path().join("cache")).unwrap().count();
    drop(engine);
    assert_eq!(left, 1, "one folder to spill into");
    assert_eq!(std::fs::read_dir(folder.path().join("cache")).unwrap().count(), 0, "and it is gone with the engine");
}
