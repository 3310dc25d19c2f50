"""Tests of app/inference/registry."""
