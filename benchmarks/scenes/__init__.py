"""Synthetic scenes from the field, one file for each kind of situation."""
