"""Synthetic pictures that are no digit, drawn at random for the reject class."""

from training.data.synthetic.altered_digits import DigitImages
from training.data.synthetic.digit_similarity import similar_to_digits
from training.data.synthetic.kinds import draw_synthetic

__all__ = ["DigitImages", "draw_synthetic", "similar_to_digits"]
