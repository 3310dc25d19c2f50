"""Tests of the parsers of forms."""
