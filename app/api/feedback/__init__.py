"""Feedback over HTTP: requests, documents and their schemas."""
