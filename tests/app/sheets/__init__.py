"""Tests of app/sheets."""
