"""Tests of training.corrections."""
