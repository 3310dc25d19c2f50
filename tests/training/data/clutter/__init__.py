"""Tests of training.clutter."""
