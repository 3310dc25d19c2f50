"""Paper: its polarity, its evenness, and bands along the border that are none of it."""
