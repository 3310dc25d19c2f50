"""Tests of the generator of handwritten digits."""
