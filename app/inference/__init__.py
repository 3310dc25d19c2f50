"""From the bytes of an image to a prediction; knows no HTTP."""
