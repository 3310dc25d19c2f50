"""Small writing beside a digit: printed words, and the small figures in the corner of a cell."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags, Integers

# Share of the digit's longer side: a letter is no higher. Chosen so that small figures in a corner
# are letters, and a piece of a stroke that skips is seldom one.
MAX_LETTER_HEIGHT = 0.42

# Share of the digit's longer side between the digit and the letters at least. Chosen so that the
# pieces of a stroke that skips are nearer.
MIN_DISTANCE = 0.06

# Share of the lower letter's height that two letters of a row have in common at least.
MIN_COMMON_HEIGHT = 0.5

# Share of the higher letter's height between two letters of a row at most. Chosen so that words of
# one line belong together.
MAX_LETTER_GAP = 1.0

# Letters of a word at least; two are one, too, unless they stand above the digit, as an umlaut's.
MIN_WORD_LETTERS = 3

# Runs by rows of letters that have grown together, at least: a stroke has about one run in a row.
MIN_RUNS_PER_ROW = 1.6

# Width by height of a word whose letters have grown together at least. Chosen so that a piece of a
# stroke that skips is none.
MIN_WORD_ASPECT = 2.0

# Components of which letters are looked for at most: with more the picture is a pattern, and to
# compare all pairs takes too long.
MAX_COMPONENTS = 24


def is_small_writing(components: ComponentProperties, main: int, eligible: Flags) -> Flags:
    """Tell which components are letters of a word, or small figures in a row, beside the main one.

    Shapes: ``eligible`` (N,), the components that may be letters -> (N,).
    """
    length = max(components.height[main], components.width[main])
    result = np.zeros(components.count, np.bool_)
    small = eligible & (components.height <= MAX_LETTER_HEIGHT * length)
    main_box = components.bounding_box(np.arange(components.count) == main)
    small &= components.distance(main_box) > MIN_DISTANCE * length
    letters = np.flatnonzero(small)
    if not len(letters) or len(letters) > MAX_COMPONENTS:
        return result
    for row in _rows(components, letters):
        result[row] = _is_word(components, main, row)
    return result


def _is_word(components: ComponentProperties, main: int, row: Integers) -> bool:
    """Tell whether components of a row are a word: by their number, or by what they look like."""
    if len(row) >= MIN_WORD_LETTERS:
        return True
    if len(row) == 1:
        height, width = components.height[row[0]], components.width[row[0]]
        if width < MIN_WORD_ASPECT * height:
            return False
        runs = np.count_nonzero(components.runs.label == row[0])
        return bool(runs >= MIN_RUNS_PER_ROW * height)
    beyond_left = components.left[row].min() < components.left[main]
    return bool(beyond_left or components.right[row].max() > components.right[main])


def _rows(components: ComponentProperties, letters: Integers) -> list[Integers]:
    """Return the letters that stand beside each other, row by row."""
    if len(letters) == 1:
        return [letters]
    top, bottom = components.top[letters], components.bottom[letters]
    left, right = components.left[letters], components.right[letters]
    height = components.height[letters]
    common = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top) + 1
    gap = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    joined = common >= MIN_COMMON_HEIGHT * np.minimum.outer(height, height)
    joined &= gap <= MAX_LETTER_GAP * np.maximum.outer(height, height)
    return _groups(joined, letters)


def _groups(joined: Flags, letters: Integers) -> list[Integers]:
    """Return the connected groups of a symmetric relation (N, N) between letters."""
    if np.count_nonzero(joined) == len(letters):  # each with itself alone
        return [letters[number : number + 1] for number in range(len(letters))]
    first = np.arange(len(letters))
    while True:
        earlier = np.where(joined, first, len(letters)).min(axis=1)
        if np.array_equal(earlier, first):
            break
        first = earlier[earlier]
    return [letters[first == number] for number in sorted(set(first.tolist()))]
