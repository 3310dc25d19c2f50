"""Tests of training/report."""
