"""Tests of app/inference/decoder."""
