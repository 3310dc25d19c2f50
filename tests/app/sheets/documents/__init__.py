"""Tests of app/sheets/documents."""
