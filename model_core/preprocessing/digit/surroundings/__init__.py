"""What stands around a digit: circles, lines, writing, other figures, strokes that lead to them."""
