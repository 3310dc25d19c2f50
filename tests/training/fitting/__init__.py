"""Tests of training/fitting."""
