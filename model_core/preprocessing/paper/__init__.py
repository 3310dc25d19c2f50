"""Tell the paper from the ink: polarity, uneven light, bands along the border."""
