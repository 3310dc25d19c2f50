"""Parsers of multipart/form-data bodies."""
