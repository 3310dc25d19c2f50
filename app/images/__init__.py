"""Decoding of image files to grey pixels."""
