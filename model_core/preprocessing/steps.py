"""Steps of preprocessing as values, and their description in words."""

from dataclasses import dataclass
from enum import Enum, auto


class Decoding(Enum):
    """Steps of the conversion to grey, before a picture is normalised."""

    PLACED_ON_BLACK = "placed on black"
    USED_COLOURS = "used the colours of most contrast"


class Change(Enum):
    """Steps that need no further numbers."""

    INVERTED = "inverted"
    KEPT_THIN_STROKES = "kept thin strokes"
    EVENED_OUT_BACKGROUND = "evened out the background"
    EVENED_OUT_SPOTS = "evened out spots of light"
    REMOVED_RULED_LINES = "removed ruled lines"
    REMOVED_NOISE = "removed noise"
    JOINED_STROKES = "joined the pieces of thin strokes"
    THICKENED_STROKES = "thickened the strokes"
    FOUND_NO_INK = "found no ink"


class Kind(Enum):
    """Kinds of removed things."""

    BORDER_BAND = auto()
    ENCLOSURE = auto()
    UNDERLINE = auto()
    WRITING = auto()
    JOINING_STROKE = auto()
    STROKE = auto()
    SPECK = auto()


@dataclass(frozen=True, slots=True)
class Removed:
    """Removal of ``count`` things of a kind."""

    kind: Kind
    count: int


@dataclass(frozen=True, slots=True)
class Cropped:
    """Cropping to a size in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Scaled:
    """Scaling from one size in pixels, (width, height), to another."""

    old: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DecodedSmaller:
    """Decoding of a JPEG at 1 / ``divisor`` of its size."""

    divisor: int


@dataclass(frozen=True, slots=True)
class Turned:
    """Rotation clockwise by ``degrees``, the best of ``turns`` that were tried."""

    degrees: int
    turns: int


Step = Decoding | Change | Removed | Cropped | Scaled | DecodedSmaller | Turned

# The removal of one thing in words, and that of several.
_REMOVED = {
    Kind.BORDER_BAND: ("removed 1 line at the border", "removed {} lines at the border"),
    Kind.ENCLOSURE: (
        "removed the circle or box around the digit",
        "removed {} circles or boxes around the digit",
    ),
    Kind.UNDERLINE: ("removed the underline", "removed {} underlines"),
    Kind.WRITING: (
        "removed the small writing beside the digit",
        "removed {} groups of small writing beside the digit",
    ),
    Kind.JOINING_STROKE: (
        "cut off the stroke that leads to the next digit",
        "cut off {} strokes that lead to other digits",
    ),
    Kind.STROKE: ("removed 1 stroke beside the digit", "removed {} strokes beside the digit"),
    Kind.SPECK: ("removed 1 speck", "removed {} specks"),
}


def describe(step: Step) -> str:
    """Return a step in words, for people to read."""
    match step:
        case Decoding() | Change():
            return str(step.value)
        case Removed(kind, count):
            one, several = _REMOVED[kind]
            return one if count == 1 else several.format(count)
        case Cropped(width, height):
            return f"cropped to {width}x{height}"
        case Scaled((old_width, old_height), (width, height)):
            return f"scaled from {old_width}x{old_height} to {width}x{height}"
        case DecodedSmaller(divisor):
            return f"decoded at 1/{divisor} of its size"
        case Turned(degrees, 1):
            return f"turned clockwise by {degrees} degrees"
        case Turned(degrees, turns):
            how = f"clockwise by {degrees} degrees" if degrees else "as it was"
            return f"best of {turns} turns: {how}"
