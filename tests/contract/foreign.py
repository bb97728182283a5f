"""A foreign DuckDB with the ducklake extension, driven from a test.

Usage: foreign.py STATE_FOLDER < requests.json

STATE_FOLDER holds `lake.sqlite`. The requests are a JSON list of SQL texts; the catalogue is attached
as `lake`. The answer is a JSON list: for each text the rows it gave, every value as text or null.
"""

import glob
import json
import os
import sys

import duckdb


def extension(name):
    """The file of an extension, as its Python package ships it."""
    site = os.path.dirname(os.path.dirname(duckdb.__file__))
    return glob.glob(f"{site}/duckdb_extension_{name}/extensions/*/{name}.duckdb_extension")[0]


def attach(connection, state):
    """Attaches the catalogue anew: what the extension remembers of other snapshots must not answer for this one."""
    catalogue = f"{state}/lake.sqlite".replace("'", "''")
    # A lake that is not there yet is made, with its files where ours would be.
    options = "" if os.path.exists(f"{state}/lake.sqlite") else f" (DATA_PATH '{state}/lake/')"
    connection.execute(f"ATTACH 'ducklake:sqlite:{catalogue}' AS lake{options}")


def main():
    state = sys.argv[1]
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in ("sqlite_scanner", "ducklake"):
        connection.execute(f"LOAD '{extension(name)}'")
    connection.execute("SET TimeZone = 'UTC'")
    answers = []
    for sql in json.load(sys.stdin):
        attach(connection, state)
        try:
            rows = connection.execute(sql).fetchall()
        except Exception as error:
            sys.exit(f"{type(error).__name__}: {error}\nin: {sql}")
        answers.append([[None if value is None else str(value) for value in row] for row in rows])
        connection.execute("DETACH lake")
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
