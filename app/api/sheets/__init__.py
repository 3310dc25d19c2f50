"""Requests and responses of whole sheets."""
