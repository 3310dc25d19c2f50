"""Tests of training/data/synthetic."""
