"""Tests of the database of feedback."""
