"""Typefaces: digits and letters as print, screens and pens draw them."""
