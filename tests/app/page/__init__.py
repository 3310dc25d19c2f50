"""Tests of the page: its files over HTTP, and in `browser/` what a visitor does with it."""
