"""ydata_minimal.py FILE.csv: the minimal profile of ydata-profiling, from the file on; what it would take to write it down is left out."""

import sys
import warnings

warnings.filterwarnings("ignore")

import pandas
from ydata_profiling import ProfileReport

report = ProfileReport(pandas.read_csv(sys.argv[1]), minimal=True, progress_bar=False)
print(len(report.get_description().variables))
