//! What faces and scripts read from the ledger. Nothing here waits for a writer.

use sqlx::{Connection as _, Row as _};
use trommel_model::{CheckResult, Code, LogLine, Outcome, Problem, RunId, RunRecord, TableName, nearest};

use super::fault::fault;
use super::{Ledger, Score, rows};

/// How many of the newest runs are looked through for the nearest id.
const REMEMBERED: i64 = 1_000;

/// How many ids are named when several begin alike.
const NAMED: usize = 5;

impl Ledger {
    /// The newest runs, newest first, without their steps.
    pub fn list(&self, limit: usize) -> Outcome<Vec<RunRecord>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.reader().with(async |db| {
            let rows = sqlx::query(LIST).bind(limit).fetch_all(db).await?;
            rows.iter().map(rows::run).collect()
        });
        found.map_err(|e| fault(&e, "list the runs", &self.path))
    }

    /// One run with its steps and checks: by its id, by the beginning of it when no other run begins so, or `last`.
    ///
    /// `unknown-name` with the nearest id when there is no such run, or with the ids when there are several.
    pub fn get(&self, name: &str) -> Outcome<RunRecord> {
        let seq = self.find(name)?;
        let found = self.reader().with(async |db| {
            // One transaction, so that run, steps and checks are of one moment.
            let mut view = db.begin().await?;
            let run = sqlx::query("select * from runs where seq = ?").bind(seq).fetch_one(&mut *view).await?;
            let steps = sqlx::query("select * from steps where run = ? order by position, name").bind(seq).fetch_all(&mut *view).await?;
            let checks = sqlx::query("select * from checks where run = ? order by step, position").bind(seq).fetch_all(&mut *view).await?;
            view.commit().await?;
            let mut run = rows::run(&run)?;
            run.steps = steps.iter().map(rows::step).collect::<sqlx::Result<_>>()?;
            for check in &checks {
                let (step, result) = rows::check(check)?;
                if let Some(step) = run.steps.iter_mut().find(|s| s.name == step) {
                    step.checks.push(result);
                }
            }
            Ok(run)
        });
        found.map_err(|e| fault(&e, "read the run", &self.path))
    }

    /// The log of a run, oldest line first; empty for a run that the ledger does not know.
    pub fn logs(&self, run: &RunId) -> Outcome<Vec<LogLine>> {
        let found = self.reader().with(async |db| {
            let sql = "select at, step, text from logs where run = (select seq from runs where id = ?) order by seq";
            let rows = sqlx::query(sql).bind(&run.0).fetch_all(db).await?;
            rows.iter().map(rows::log_line).collect()
        });
        found.map_err(|e| fault(&e, "read the log", &self.path))
    }

    /// What a check about a whole table measured in the newest runs that published the table, oldest first.
    pub fn measured(&self, table: &TableName, check: &str, most: usize) -> Outcome<Vec<f64>> {
        let found = self.reader().with(async |db| {
            if sqlx::query_scalar::<_, i64>("pragma user_version").fetch_one(&mut *db).await? < 2 {
                return Ok(Vec::new());
            }
            let values = sqlx::query_scalar::<_, f64>(MEASURED).bind(table.to_string()).bind(check);
            values.bind(i64::try_from(most).unwrap_or(i64::MAX)).fetch_all(db).await
        });
        let mut values = found.map_err(|e| fault(&e, "read what was measured", &self.path))?;
        values.reverse();
        Ok(values)
    }

    /// How well each table kept its checks in each dimension, in the newest runs that checked anything; newest first.
    pub fn scores(&self, most_runs: usize) -> Outcome<Vec<Score>> {
        let found = self.reader().with(async |db| {
            let whole = if sqlx::query_scalar::<_, i64>("pragma user_version").fetch_one(&mut *db).await? < 2 {
                "c.label = 'row_count'"
            } else {
                "c.value is not null or c.reason is not null"
            };
            let sql = format!(
                "select r.id, r.started_at, c.table_name, c.dimension, count(*) as checks,
                   sum(c.broken > 0) as broken,
                   avg(case when {whole} or c.rows = 0 then c.broken = 0 else 1.0 - min(c.broken, c.rows) * 1.0 / c.rows end) as score
                 from checks c join runs r on r.seq = c.run
                 where r.seq in (select distinct run from checks order by run desc limit ?)
                 group by r.seq, c.table_name, c.dimension order by r.seq desc, c.table_name, c.dimension"
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::try_from(most_runs).unwrap_or(i64::MAX)).fetch_all(db).await?;
            rows.iter().map(rows::score).collect()
        });
        found.map_err(|e| fault(&e, "read the scores", &self.path))
    }

    /// What came of each check of each table in the newest run that applied it, in their order, with the run.
    pub fn newest_checks(&self) -> Outcome<Vec<(RunId, CheckResult)>> {
        let found = self.reader().with(async |db| {
            let rows = sqlx::query(NEWEST_CHECKS).fetch_all(db).await?;
            rows.iter().map(|row| Ok((RunId(row.try_get("run_id")?), rows::check(row)?.1))).collect()
        });
        found.map_err(|e| fault(&e, "read the checks", &self.path))
    }

    /// Runs that count as running, newest first.
    pub(super) fn running(&self) -> Outcome<Vec<(i64, RunId)>> {
        let found = self.reader().with(async |db| {
            let rows = sqlx::query("select seq, id from runs where status = 'running' order by seq desc").fetch_all(db).await?;
            rows.iter().map(|row| Ok((row.try_get("seq")?, RunId(row.try_get("id")?)))).collect()
        });
        found.map_err(|e| fault(&e, "list the runs", &self.path))
    }

    /// The fault of a run that the ledger does not know.
    pub(super) fn unknown(&self, name: &str) -> Problem {
        let problem = Problem::new(Code::UnknownName, format!("there is no run \"{name}\""));
        let ids = self.reader().with(async |db| {
            sqlx::query_scalar::<_, String>("select id from runs order by seq desc limit ?").bind(REMEMBERED).fetch_all(db).await
        });
        let ids = ids.unwrap_or_default();
        problem.next(match nearest(name, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if ids.is_empty() => "nothing has run here yet; start with `trommel run`".to_owned(),
            None => "`trommel runs list` shows them; `last` is the newest".to_owned(),
        })
    }

    fn find(&self, name: &str) -> Outcome<i64> {
        if name.is_empty() {
            return Err(self.unknown(name));
        }
        let found = self.reader().with(async |db| {
            if name == "last" {
                let last = sqlx::query("select seq, id from runs order by seq desc limit 1").fetch_all(db).await?;
                return last.iter().map(|row| Ok((row.try_get("seq")?, row.try_get("id")?))).collect();
            }
            let rows = sqlx::query(BY_PREFIX).bind(name).bind(format!("{name}{}", char::MAX)).fetch_all(db).await?;
            rows.iter().map(|row| Ok((row.try_get("seq")?, row.try_get("id")?))).collect()
        });
        let found: Vec<(i64, String)> = found.map_err(|e| fault(&e, "look for the run", &self.path))?;
        match found.as_slice() {
            [(seq, _)] => Ok(*seq),
            // The first is the run itself when another id goes on where this one ends.
            [(seq, id), ..] if id == name => Ok(*seq),
            several @ [_, ..] => {
                let mut ids: Vec<_> = several.iter().rev().take(NAMED).map(|(_, id)| id.as_str()).collect();
                if several.len() > NAMED {
                    ids.push("…");
                }
                Err(Problem::new(Code::UnknownName, format!("\"{name}\" is the beginning of {} runs", several.len()))
                    .next(format!("say more of the id: {}", ids.join(", "))))
            }
            [] => Err(self.unknown(name)),
        }
    }
}

const MEASURED: &str = "select c.value from checks c join steps s on s.run = c.run and s.name = c.step
  where c.table_name = ?1 and c.label = ?2 and c.value is not null and s.status = 'done'
  order by c.run desc, c.position desc limit ?3";
const NEWEST_CHECKS: &str = "select c.*, r.id as run_id from checks c join runs r on r.seq = c.run
  join (select table_name, label, max(run) as run from checks group by table_name, label) n
    on n.table_name = c.table_name and n.label = c.label and n.run = c.run
  order by c.table_name, c.position";
pub(super) const LIST: &str = "select * from runs order by seq desc limit ?";
pub(super) const BY_PREFIX: &str = "select seq, id from runs where id >= ?1 and id < ?2 order by id";
