"""Tests of training/data/typefaces."""
