"""Raw-HTTP fuzzing: a stream of requests has the same responses, in whatever pieces it arrives.

``python -m tests.app.robustness.test_raw_http_fuzz 2000`` prints a report; a seed may follow.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from tests.support.raw_client import Answer, exchange
from tests.support.raw_requests import MAX_BODY_BYTES, Stream, streams
from tests.support.servers import Server, serve

SEED = 14

# The limits are low: a damaged stream is often incomplete, and then the server waits.
ENVIRONMENT = {
    "DIGITS_ACCESS_LOG": "0",
    "DIGITS_MAX_BODY_BYTES": str(MAX_BODY_BYTES),
    "DIGITS_RECEIVE_SECONDS": "1.5",
    "DIGITS_IDLE_SECONDS": "1",
    "DIGITS_MAX_CONCURRENT": "1000",
    "DIGITS_WAIT_SECONDS": "10",
}

# Statuses of a server that has failed; 501 and 505 refuse what HTTP/1.1 does not have.
FAILURES = {0, 500, 502, 503, 504}


@dataclass(slots=True)
class Report:
    """Responses by status, and the streams whose responses are not what they must be."""

    streams: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the report as text."""
        statuses = ", ".join(f"{count} x {s}" for s, count in sorted(self.statuses.items()))
        lines = [f"{self.streams} streams, whole and in pieces: {statuses}"]
        return "\n\n".join([*lines, *self.faults, f"{len(self.faults)} faults"])


def divide(content: bytes, chance: random.Random) -> list[bytes]:
    """Divide a stream at one to five random places, one of them near the end of a line."""
    places = {chance.randrange(len(content)) for _ in range(chance.choice((0, 0, 1, 4)))}
    ends = [place for place in range(len(content)) if content.startswith(b"\r\n", place)]
    places.add(min(max(chance.choice(ends) + chance.randint(-2, 4), 0), len(content)))
    return [content[start:end] for start, end in pairwise([0, *sorted(places), len(content)])]


def faults(stream: Stream, answers: list[Answer]) -> Iterator[str]:
    """Yield what is wrong with the responses to a stream."""
    if FAILURES & {answer.status for answer in answers}:
        yield "a failure of the server"
    if len(answers) > stream.requests + (stream.expected is None):
        yield f"{len(answers)} responses to {stream.requests} requests"
    if stream.expected not in (None, [(answer.id, answer.status) for answer in answers]):
        yield f"expected {stream.expected}"


def agree(stream: Stream, whole: list[Answer], divided: list[Answer]) -> bool:
    """Return whether the responses to a stream are the same, as far as they must be."""
    if stream.expected is not None or whole == divided:
        return whole == divided
    pairs = zip(whole, divided, strict=False)
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    rests = whole[same:], divided[same:]
    if not all(rests):
        # A refusal in place of "100 Continue" ends the connection, unless the body has arrived.
        refused = same > 0 and whole[same - 1].status >= 400
        return refused and b"100-continue" in stream.content.lower()
    # Of two errors in a request, the one found first is answered: in its body, or in its framing.
    in_framing = any(rest[0].content.startswith("request: expected") for rest in rests)
    return in_framing and all(len(rest) == 1 and rest[0].status >= 400 for rest in rests)


def compare(port: int, stream: Stream, seed: int) -> tuple[list[Answer], str]:
    """Send a stream whole and in pieces; return the responses, and a report of what is wrong.

    A valid stream is also sent by a client that closes its sending side after it.
    """
    pieces = divide(stream.content, random.Random(seed))
    whole = exchange(port, [stream.content], half_close=stream.expected is not None)
    divided = exchange(port, pieces)
    wrong = [*faults(stream, whole), *faults(stream, divided)]
    if not agree(stream, whole, divided):
        wrong.append("other responses in pieces")
    shown = f"{'; '.join(wrong)}\n  pieces {pieces}\n  whole {whole}\n  in pieces {divided}"
    return whole + divided, shown if wrong else ""


def fuzz(server: Server, count: int, *, seed: int = SEED) -> Report:
    """Send ``count`` streams, each of them whole and in pieces."""
    report, todo = Report(count), streams(count, seed=seed)
    with ThreadPoolExecutor(48) as pool:
        for answers, wrong in pool.map(compare, [server.port] * count, todo, range(count)):
            report.statuses.update(answer.status for answer in answers)
            report.faults += [wrong] if wrong else []
    return report


def test_pieces_do_not_change_the_responses() -> None:
    """Valid and damaged streams have the same responses in pieces, in order, and no failures."""
    with serve(**ENVIRONMENT) as server:
        report = fuzz(server, 100)

    assert not report.faults, str(report)
    assert {200, 400, 413, 415} <= set(report.statuses)


if __name__ == "__main__":
    with serve(**ENVIRONMENT) as running:
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
        sys.stdout.write(f"{fuzz(running, int(sys.argv[1]), seed=seed)}\n")
