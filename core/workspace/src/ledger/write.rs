//! What a run writes into the ledger while it goes on.

use sqlx::{Connection as _, SqliteConnection};
use trommel_model::{Code, LogLine, Outcome, Problem, RunId, RunRecord, RunStatus, StepRecord};

use super::Ledger;
use super::fault::fault;
use super::rows::{amount, json, word};

impl Ledger {
    /// Enters a run with its steps. The caller holds the run lock, so every other run that still counts as running in
    /// this environment has ended without a word: it becomes lost.
    pub fn begin(&self, run: &RunRecord) -> Outcome<()> {
        let done = self.write("enter the run into the ledger", async |db| {
            let others: Vec<i64> = sqlx::query_scalar("select seq from runs where status = 'running'").fetch_all(&mut *db).await?;
            for seq in others {
                lose(db, seq).await?;
            }
            let inserted = sqlx::query("insert or ignore into runs (id, environment, status, started_at) values (?, ?, ?, ?)")
                .bind(&run.id.0)
                .bind(&run.environment)
                .bind(run.status.name())
                .bind(&run.started_at)
                .execute(&mut *db)
                .await?;
            if inserted.rows_affected() == 0 {
                return Ok(false);
            }
            finish(db, run).await
        })?;
        if done {
            return Ok(());
        }
        Err(Problem::new(Code::Internal, format!("the run {} is in the ledger already", run.id)).next("run again"))
    }

    /// Enters what is new about a step. A step that the run did not begin with comes last.
    pub fn step(&self, run: &RunId, step: &StepRecord) -> Outcome<()> {
        let known = self.write("enter the step into the ledger", async |db| {
            let Some(seq) = seq_of(db, run).await? else { return Ok(false) };
            put_step(db, seq, step).await?;
            Ok(true)
        })?;
        if known { Ok(()) } else { Err(self.unknown(&run.0)) }
    }

    /// Adds a line to a run's log.
    pub fn log(&self, run: &RunId, line: &LogLine) -> Outcome<()> {
        self.log_all(run, std::slice::from_ref(line))
    }

    /// Adds lines to a run's log, all or none of them.
    pub fn log_all(&self, run: &RunId, lines: &[LogLine]) -> Outcome<()> {
        let known = self.write("write the log", async |db| {
            let Some(seq) = seq_of(db, run).await? else { return Ok(false) };
            for line in lines {
                sqlx::query("insert into logs (run, at, step, text) values (?, ?, ?, ?)")
                    .bind(seq)
                    .bind(&line.at)
                    .bind(&line.step)
                    .bind(&line.text)
                    .execute(&mut *db)
                    .await?;
            }
            Ok(true)
        })?;
        if known { Ok(()) } else { Err(self.unknown(&run.0)) }
    }

    /// Enters how a run ended, with all of its steps.
    pub fn end(&self, run: &RunRecord) -> Outcome<()> {
        let known = self.write("enter the end of the run into the ledger", async |db| finish(db, run).await)?;
        if known { Ok(()) } else { Err(self.unknown(&run.id.0)) }
    }

    /// Marks runs as lost that count as running but whose process has ended, and names them.
    ///
    /// While somebody holds the run lock, the newest run may be theirs and stays as it is. Does nothing on a ledger that
    /// can only be read.
    pub fn mark_lost(&self) -> Outcome<Vec<RunId>> {
        // First which runs count as running, then whether the lock is held: a run that begins in between is not touched.
        let mut running = self.running()?;
        if running.is_empty() || self.writer.is_none() {
            return Ok(Vec::new());
        }
        if crate::lock::holder(&self.state)?.is_some() {
            running.remove(0);
        }
        let mut lost = Vec::new();
        for (seq, id) in running {
            if self.write("mark a lost run", async |db| lose(db, seq).await)? {
                lost.push(id);
            }
        }
        Ok(lost)
    }

    /// One transaction, begun as a writer so that it waits for other writers at its start only.
    fn write<T>(&self, doing: &str, work: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> Outcome<T> {
        let done = self.writer()?.with(async |db| {
            let mut change = db.begin_with("begin immediate").await?;
            let result = work(&mut change).await?;
            change.commit().await?;
            Ok(result)
        });
        done.map_err(|e| fault(&e, doing, &self.path))
    }
}

async fn seq_of(db: &mut SqliteConnection, run: &RunId) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select seq from runs where id = ?").bind(&run.0).fetch_optional(db).await
}

/// Writes everything a record says; false when the ledger does not know the run.
async fn finish(db: &mut SqliteConnection, run: &RunRecord) -> sqlx::Result<bool> {
    let Some(seq) = seq_of(db, &run.id).await? else { return Ok(false) };
    sqlx::query("update runs set status = ?, ended_at = ?, snapshot = ?, problem = ? where seq = ?")
        .bind(run.status.name())
        .bind(&run.ended_at)
        .bind(run.snapshot.map(amount))
        .bind(run.problem.as_ref().map(json).transpose()?)
        .bind(seq)
        .execute(&mut *db)
        .await?;
    for step in &run.steps {
        put_step(db, seq, step).await?;
    }
    Ok(true)
}

async fn put_step(db: &mut SqliteConnection, run: i64, step: &StepRecord) -> sqlx::Result<()> {
    let counts = &step.counts;
    sqlx::query(
        "insert into steps values (?1, ?2, (select coalesce(max(position) + 1, 0) from steps where run = ?1),
           ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         on conflict (run, name) do update set kind = ?3, status = ?4, rows_in = ?5, rows_out = ?6, filtered = ?7, merged = ?8,
           expanded = ?9, quarantined = ?10, elapsed_ms = ?11, peak_bytes = ?12, notes = ?13, problem = ?14",
    )
    .bind(run)
    .bind(&step.name)
    .bind(step.kind.name())
    .bind(step.status.name())
    .bind(amount(counts.rows_in))
    .bind(amount(counts.rows_out))
    .bind(amount(counts.filtered))
    .bind(amount(counts.merged))
    .bind(amount(counts.expanded))
    .bind(amount(counts.quarantined))
    .bind(amount(step.elapsed_ms))
    .bind(amount(step.peak_bytes))
    .bind(json(&step.notes)?)
    .bind(step.problem.as_ref().map(json).transpose()?)
    .execute(&mut *db)
    .await?;
    sqlx::query("delete from checks where run = ? and step = ?").bind(run).bind(&step.name).execute(&mut *db).await?;
    for (position, check) in step.checks.iter().enumerate() {
        sqlx::query("insert into checks values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(run)
            .bind(&step.name)
            .bind(amount(position as u64))
            .bind(check.table.to_string())
            .bind(&check.check)
            .bind(word(&check.dimension)?)
            .bind(word(&check.action)?)
            .bind(amount(check.rows))
            .bind(amount(check.broken))
            .bind(json(&check.examples)?)
            .bind(check.severity.name())
            .bind(&check.owner)
            .bind(amount(check.tolerated))
            .bind(check.value)
            .bind(&check.reason)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Marks one run as lost; false when it has ended after all.
async fn lose(db: &mut SqliteConnection, seq: i64) -> sqlx::Result<bool> {
    let problem = Problem::new(Code::RunFailed, "the process of this run ended without a word")
        .why("it was killed, or the machine went down")
        .next("run again: what was published is complete, the rest is done again");
    let lost = sqlx::query("update runs set status = ?, problem = ? where seq = ? and status = 'running'")
        .bind(RunStatus::Lost.name())
        .bind(json(&problem)?)
        .bind(seq)
        .execute(&mut *db)
        .await?;
    if lost.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "update steps set status = case status when 'running' then 'failed' else 'cancelled' end
         where run = ? and status in ('running', 'waiting')",
    )
    .bind(seq)
    .execute(db)
    .await?;
    Ok(true)
}
