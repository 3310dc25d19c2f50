"""Container health check: ``python -m app.healthcheck`` exits with 0 if /healthz answers 200."""

import http.client
import os
import sys

# Addresses on which a server listens for all addresses, and where it is reached then.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def main() -> None:
    """Request /healthz at DIGITS_HOST and DIGITS_PORT; exit with 0 for status 200, else with 1.

    Without DIGITS_PORT the port is PORT, as for the service.

    It imports nothing of ``app``: that would take a second of processor time for each check.
    """
    host = os.environ.get("DIGITS_HOST", "127.0.0.1")
    port = int(os.environ.get("DIGITS_PORT") or os.environ.get("PORT") or "8000")
    connection = http.client.HTTPConnection(_LOOPBACK.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        alive = connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        alive = False
    sys.exit(0 if alive else 1)


if __name__ == "__main__":
    main()
