"""Tests of the library call."""
