"""Image operations that know nothing of digits, on NumPy arrays."""
