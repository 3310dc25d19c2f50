"""Tests of app/api/sheets."""
