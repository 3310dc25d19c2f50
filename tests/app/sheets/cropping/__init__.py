"""Tests of app.sheets.cropping."""
