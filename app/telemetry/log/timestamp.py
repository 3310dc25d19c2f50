"""Time of a line of the log."""

from datetime import UTC, datetime
from functools import lru_cache


def timestamp(nanoseconds: int) -> str:
    """Return nanoseconds since 1970 in UTC as ISO 8601 with microseconds."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{whole_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=1)
def whole_second(seconds: int) -> str:
    """Return a second as text; cached, since many lines are written within one."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
