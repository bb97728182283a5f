"""Pairwise precision, recall and F1 of a crosswalk of `match run` against the column "truth" of its Parquet file.

    python judge.py people.parquet crosswalk.parquet
"""

import sys

import duckdb

people, crosswalk = sys.argv[1:3]
pairs = "sum(n * (n - 1) / 2)"
precision, recall, f1 = duckdb.execute(
    f"""with t as (select file_row_number + 1 as row, truth from read_parquet('{people}', file_row_number = true)),
    x as (select c.entity_id, t.truth from '{crosswalk}' c join t using (row)),
    p as (select {pairs} as n from (select count(*) as n from x group by entity_id)),
    r as (select {pairs} as n from (select count(*) as n from x group by truth)),
    b as (select {pairs} as n from (select count(*) as n from x group by entity_id, truth))
    select b.n / p.n, b.n / r.n, 2 * b.n / (p.n + r.n) from p, r, b"""
).fetchone()
print(f"precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")
