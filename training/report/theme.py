"""The colours of the page and its plots, by day and by night."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb: ``page`` and ``card`` lie below, ``text`` and ``muted`` are written.

    ``right`` marks what is as it should be, ``wrong`` what is not; ``line`` is for rules and grids.
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
