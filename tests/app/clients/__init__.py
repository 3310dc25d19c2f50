"""Tests with HTTP clients of other languages."""
