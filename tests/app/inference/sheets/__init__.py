"""Tests of app/inference/sheets."""
