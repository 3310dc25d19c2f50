"""Inference service: from the bytes of an image to a prediction, independent of HTTP."""
