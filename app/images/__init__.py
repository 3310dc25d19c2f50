"""Decoding image files."""
