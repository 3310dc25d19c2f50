"""Tests of training.acceptance."""
