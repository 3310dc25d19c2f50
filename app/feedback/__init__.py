"""Feedback: the true digits of pictures, stored in a database."""
