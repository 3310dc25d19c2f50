"""Benchmarks: each measures digitserve beside other systems in one run and prints a table."""

import os

# As `python -m training` and `python -m app` do; NumPy reads it when it is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
