"""Light and dark colour themes of the page and its figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colour theme, each colour as #rrggbb.

    ``page`` and ``card`` are backgrounds, ``text`` and ``muted`` text colours; ``right`` marks
    correct answers, ``wrong`` mistakes; ``line`` is for rules and grids.
    """

    page: str
    card: str
    text: str
    muted: str
    line: str
    right: str
    wrong: str


LIGHT = Theme(
    page="#f4f4f1",
    card="#ffffff",
    text="#1c2024",
    muted="#5c636e",
    line="#e3e4e6",
    right="#2463c4",
    wrong="#c2500c",
)
DARK = Theme(
    page="#111316",
    card="#1a1d21",
    text="#e8eaed",
    muted="#9aa2ad",
    line="#33383f",
    right="#7eaefc",
    wrong="#f79a5b",
)
