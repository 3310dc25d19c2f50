"""Tests of the page in chromium."""
