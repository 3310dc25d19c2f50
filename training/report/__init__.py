"""A page about a trained model: what it learned, where it errs, how far to trust it."""
