"""Tests of the files in deploy/ and of several instances."""
