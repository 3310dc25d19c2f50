"""Tests of app/sheets/layout."""
