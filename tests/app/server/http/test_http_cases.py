"""The table of HTTP cases, sent to the service and to a server on h11."""

import asyncio
from collections import Counter

from tests.app.server.http.cases import CASES
from tests.app.server.http.cases.case import Case
from tests.support.h11_server import H11Server
from tests.support.http_exchange import exchange
from tests.support.servers import Server

# Cases that are sent at the same time.
_AT_ONCE = 64


async def outcomes(port: int, expected: dict[Case, str]) -> dict[Case, str]:
    """Send all cases to a server; return the outcome of each."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def send(case: Case) -> str:
        async with free:
            return await exchange(port, case.pieces, expected[case], half_close=case.half_close)

    found = await asyncio.gather(*[send(case) for case in expected])
    return dict(zip(expected, found, strict=True))


def differences(expected: dict[Case, str], found: dict[Case, str]) -> list[str]:
    """Return a line for each case with another outcome than expected."""
    return [
        f"{case.name}: expected {outcome}, got {found[case]}"
        for case, outcome in expected.items()
        if found[case] != outcome
    ]


def test_the_service_has_the_outcomes_of_the_table(default_server: Server) -> None:
    """Each case gets its statuses, and its connection is kept or closed."""
    expected = {case: case.ours for case in CASES}

    found = asyncio.run(outcomes(default_server.port, expected))

    assert differences(expected, found) == []


def test_h11_has_the_outcomes_of_the_table() -> None:
    """A second implementation of HTTP/1.1 agrees, or the table says why not."""
    expected = {case: case.h11 or case.ours for case in CASES}

    async def compare() -> dict[Case, str]:
        server = await asyncio.get_running_loop().create_server(H11Server, "127.0.0.1", 0)
        async with server:
            return await outcomes(server.sockets[0].getsockname()[1], expected)

    assert differences(expected, asyncio.run(compare())) == []


def test_each_difference_has_a_reason() -> None:
    """A case in which h11 has another outcome says why, and only such a case."""
    assert [case.name for case in CASES if bool(case.why) != bool(case.h11)] == []
    assert [case.name for case in CASES if case.h11 == case.ours] == []


def test_the_cases_have_different_names_and_bytes() -> None:
    """No case is there twice."""
    sent = Counter((case.pieces, case.half_close) for case in CASES)

    assert len({case.name for case in CASES}) == len(CASES) >= 200
    assert [pieces for pieces, count in sent.items() if count > 1] == []
