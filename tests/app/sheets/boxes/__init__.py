"""Tests of app.sheets.boxes."""
