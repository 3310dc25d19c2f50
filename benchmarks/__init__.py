"""Measurements against peers, side by side in one run; each prints a table of ratios."""
