"""Generated forms with known content, and the measurement of the finder of boxes with them."""
