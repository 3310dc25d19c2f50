"""Tests of app/images/structure."""
