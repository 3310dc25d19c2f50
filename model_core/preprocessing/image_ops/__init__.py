"""Image operations on NumPy arrays, independent of digits and of paper."""
