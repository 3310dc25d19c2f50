"""Tests of app/images."""
