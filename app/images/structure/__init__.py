"""Counts of the elements of image files, with a limit for each, before anything is decoded.

The time and memory of a decoder depend on these numbers, not on the size of the file alone: each
chunk, segment, strip or tag costs Pillow some microseconds, and a small file can have millions.
"""
