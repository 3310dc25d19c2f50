"""Whole sheets: pages read in the decoder process, their boxes predicted by the service."""
