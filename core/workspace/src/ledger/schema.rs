//! The tables of the ledger and their versions.

/// Marks the file as a ledger of ours (`TRML`), in SQLite's `application_id`.
pub(super) const APPLICATION_ID: i64 = 0x5452_4d4c;

/// The version that this program writes, in SQLite's `user_version`.
pub(super) const VERSION: i64 = 2;

/// Makes the tables in an empty file. Run within a transaction.
///
/// `seq` orders runs as they began, also when the clock was set back. Text of several parts (faults, notes, examples) is
/// JSON. Step and check rows belong to their run and go with it.
pub(super) const CREATE: &str = "
create table runs (
  seq integer primary key autoincrement,
  id text not null unique,
  environment text not null,
  status text not null,
  started_at text not null,
  ended_at text,
  snapshot integer,
  problem text
) strict;
create index runs_by_status on runs (status) where status = 'running';
create table steps (
  run integer not null references runs (seq) on delete cascade,
  name text not null,
  position integer not null,
  kind text not null,
  status text not null,
  rows_in integer not null,
  rows_out integer not null,
  filtered integer not null,
  merged integer not null,
  expanded integer not null,
  quarantined integer not null,
  elapsed_ms integer not null,
  peak_bytes integer not null,
  notes text not null,
  problem text,
  primary key (run, name)
) strict, without rowid;
create table checks (
  run integer not null,
  step text not null,
  position integer not null,
  table_name text not null,
  label text not null,
  dimension text not null,
  action text not null,
  rows integer not null,
  broken integer not null,
  examples text not null,
  severity text not null default 'warning',
  owner text not null default '',
  tolerated integer not null default 0,
  value real,
  reason text,
  primary key (run, step, position),
  foreign key (run, step) references steps (run, name) on delete cascade
) strict, without rowid;
create index checks_by_label on checks (table_name, label, run);
create table logs (
  seq integer primary key autoincrement,
  run integer not null references runs (seq) on delete cascade,
  at text not null,
  step text,
  text text not null
) strict;
create index logs_by_run on logs (run, seq);
pragma application_id = 1414679884;
pragma user_version = 2;
";

/// Makes version 2 of version 1. Run within a transaction.
pub(super) const FROM_1: &str = "
alter table checks add column severity text not null default 'warning';
alter table checks add column owner text not null default '';
alter table checks add column tolerated integer not null default 0;
alter table checks add column value real;
alter table checks add column reason text;
create index checks_by_label on checks (table_name, label, run);
pragma user_version = 2;
";
