"""The forms of each digit, with their relative frequencies."""

from training.data.handwriting.forms.four import FOURS
from training.data.handwriting.forms.one import ONES
from training.data.handwriting.forms.others import EIGHTS, FIVES, NINES, SEVENS, SIXES
from training.data.handwriting.forms.three import THREES
from training.data.handwriting.forms.two import TWOS
from training.data.handwriting.forms.zero import ZEROS

# In the order of the digits, 0 to 9.
FORMS = (ZEROS, ONES, TWOS, THREES, FOURS, FIVES, SIXES, SEVENS, EIGHTS, NINES)

__all__ = ["FORMS"]
