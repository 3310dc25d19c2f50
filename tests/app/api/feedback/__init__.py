"""Tests of feedback over HTTP."""
