"""Splink on the people that match_scale writes: the rules and comparisons of people_learned.toml.

    python splink_people.py people.parquet [clusters.parquet]      (pip install splink duckdb)

Prints versions, pairs scored, pairwise F1 against the column "truth", seconds, seconds of processors and peak memory
of the whole job: read, train, predict, cluster, write.
"""

import resource
import sys
import time

import duckdb
import splink
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

start = time.time()
clusters_file = sys.argv[2] if len(sys.argv) > 2 else "/tmp/splink_clusters.parquet"
connection = duckdb.connect()
connection.execute("set threads = 2")
connection.execute(
    f"create table people as select id as unique_id, * exclude (id, truth, source, updated), "
    f"cast(birth_date as varchar) as born from '{sys.argv[1]}'"
)
rules = [
    block_on("email"),
    block_on("phone"),
    block_on("born", "substr(family_name, 1, 2)"),
    block_on("born", "substr(given_name, 1, 2)"),
    block_on("postcode", "substr(family_name, 1, 3)"),
]
settings = SettingsCreator(
    link_type="dedupe_only",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("family_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("born", [1, 2]),
        cl.JaroWinklerAtThresholds("email", [0.92, 0.8]),
        cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        cl.LevenshteinAtThresholds("street", [2, 4]),
        cl.JaroWinklerAtThresholds("city", [0.9]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1]),
    ],
    retain_matching_columns=False,
)
api = DuckDBAPI(connection)
linker = Linker(api.register("people"), settings, log_level=40)
linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("phone")], recall=0.7)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("born", "substr(family_name, 1, 2)"))
predictions = linker.inference.predict(threshold_match_probability=0.99)
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=0.99)
connection.execute(f"copy (select unique_id, cluster_id from {clusters.physical_name}) to '{clusters_file}'")
seconds = time.time() - start
usage = resource.getrusage(resource.RUSAGE_SELF)
quality = connection.execute(
    f"""with x as (select c.cluster_id, t.truth from '{clusters_file}' c join '{sys.argv[1]}' t on c.unique_id = t.id),
    p as (select sum(n * (n - 1) / 2) as n from (select count(*) as n from x group by cluster_id)),
    t as (select sum(n * (n - 1) / 2) as n from (select count(*) as n from x group by truth)),
    b as (select sum(n * (n - 1) / 2) as n from (select count(*) as n from x group by cluster_id, truth))
    select b.n / p.n, b.n / t.n, 2 * b.n / (p.n + t.n) from p, t, b"""
).fetchone()
matched = connection.execute(f"select count(*) from {predictions.physical_name}").fetchone()[0]
print(f"splink {splink.__version__}, duckdb {duckdb.__version__}")
print(f"{matched} pairs at 0.99 or above; precision {quality[0]:.4f} recall {quality[1]:.4f} F1 {quality[2]:.4f}")
cpu = usage.ru_utime + usage.ru_stime
print(f"{seconds:.2f} seconds, {cpu:.2f} of processors, peak {usage.ru_maxrss // 1024} MiB")
