"""Acceptance of a new model version: proof that it is better than the old one."""
