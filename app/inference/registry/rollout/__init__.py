"""Rollout of a version: the canary, and what a trial changes for the stable version."""
