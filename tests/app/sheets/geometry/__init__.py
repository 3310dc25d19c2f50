"""Tests of app.sheets.geometry."""
