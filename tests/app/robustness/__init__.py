"""Tests of app/robustness."""
