"""Answers that every generated client prints for the same requests."""

import json

# For each request the status and, of its answers, the digits or statuses, or their number.
ANSWERS = {
    "raw": (200, [2]),
    "form": (200, [2, 14]),
    "json": (200, [2]),
    "batch": (200, [2, 2, 415]),
    "models": (200, [3]),
    "refused": (415, [415]),
}


def answers_by_name(printed: str) -> dict[str, tuple[int, list[int]]]:
    """Return status and body of each line of JSON."""
    answers = map(json.loads, printed.splitlines())
    return {one["name"]: (one["status"], one["body"]) for one in answers}
