"""Table of HTTP cases: valid, invalid and hostile bytes on a connection."""

from tests.app.server.http.cases import (
    chunks,
    connections,
    fields,
    hosts,
    lengths,
    request_lines,
    upgrades,
)
from tests.app.server.http.cases.case import Case

CASES: tuple[Case, ...] = (
    *request_lines.CASES,
    *hosts.CASES,
    *fields.CASES,
    *lengths.CASES,
    *chunks.CASES,
    *upgrades.CASES,
    *connections.CASES,
)
