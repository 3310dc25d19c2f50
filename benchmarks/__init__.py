"""Measurements against peers, side by side in one run; each prints a table of ratios."""

import os

# As `python -m training` and `python -m app` do; NumPy reads it when it is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
