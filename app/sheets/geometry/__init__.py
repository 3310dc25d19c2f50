"""Geometry of a page: reduction, darkness, rectification, orientation, reading order, fields."""
