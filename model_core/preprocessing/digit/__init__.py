"""The digit: segmentation of its ink, selection of its components, scaling and placement."""
