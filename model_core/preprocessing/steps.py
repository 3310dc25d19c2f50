"""Steps of preprocessing as values, and the one table that puts them into words."""

from dataclasses import dataclass
from enum import Enum, auto


class Decoding(Enum):
    """Steps of the conversion to grey, before a picture is normalised."""

    PLACED_ON_BLACK = "placed on black"
    USED_COLOURS = "used the colours of most contrast"


class Change(Enum):
    """Steps that need no further numbers."""

    INVERTED = auto()
    KEPT_THIN_STROKES = auto()
    EVENED_OUT_BACKGROUND = auto()
    EVENED_OUT_SPOTS = auto()
    REMOVED_RULED_LINES = auto()
    REMOVED_NOISE = auto()
    JOINED_STROKES = auto()
    THICKENED_STROKES = auto()
    FOUND_NO_INK = auto()


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

_CHANGES = {
    Change.INVERTED: "inverted",
    Change.KEPT_THIN_STROKES: "kept thin strokes",
    Change.EVENED_OUT_BACKGROUND: "evened out the background",
    Change.EVENED_OUT_SPOTS: "evened out spots of light",
    Change.REMOVED_RULED_LINES: "removed ruled lines",
    Change.REMOVED_NOISE: "removed noise",
    Change.JOINED_STROKES: "joined the pieces of thin strokes",
    Change.THICKENED_STROKES: "thickened the strokes",
    Change.FOUND_NO_INK: "found no ink",
}
_ONE_REMOVED = {
    Kind.BORDER_BAND: "removed 1 line at the border",
    Kind.ENCLOSURE: "removed the circle or box around the digit",
    Kind.UNDERLINE: "removed the underline",
    Kind.WRITING: "removed the small writing beside the digit",
    Kind.JOINING_STROKE: "cut off the stroke that leads to the next digit",
    Kind.STROKE: "removed 1 stroke beside the digit",
    Kind.SPECK: "removed 1 speck",
}
_MANY_REMOVED = {
    Kind.BORDER_BAND: "removed {} lines at the border",
    Kind.ENCLOSURE: "removed {} circles or boxes around the digit",
    Kind.UNDERLINE: "removed {} underlines",
    Kind.WRITING: "removed {} groups of small writing beside the digit",
    Kind.JOINING_STROKE: "cut off {} strokes that lead to other digits",
    Kind.STROKE: "removed {} strokes beside the digit",
    Kind.SPECK: "removed {} specks",
}


def describe(step: Step) -> str:
    """Return a step in words, for people to read."""
    match step:
        case Decoding():
            return step.value
        case Change():
            return _CHANGES[step]
        case Removed(kind, 1):
            return _ONE_REMOVED[kind]
        case Removed(kind, count):
            return _MANY_REMOVED[kind].format(count)
        case Cropped(width, height):
            return f"cropped to {width}x{height}"
        case Scaled((old_width, old_height), (width, height)):
            return f"scaled from {old_width}x{old_height} to {width}x{height}"
        case DecodedSmaller(divisor):
            return f"decoded at 1/{divisor} of its size"
        case Turned():
            return _describe_turn(step)


def _describe_turn(step: Turned) -> str:
    if step.turns == 1:
        return f"turned clockwise by {step.degrees} degrees"
    how = f"clockwise by {step.degrees} degrees" if step.degrees else "as it was"
    return f"best of {step.turns} turns: {how}"
