"""Cropping of a box: its content without the frame and without drop-out colours."""
