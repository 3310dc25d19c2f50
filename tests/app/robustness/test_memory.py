"""A limit of memory that the system enforces (RLIMIT_AS, ``ulimit -v``)."""

import httpx

from app.server.system_limits import MIN_ADDRESS_SPACE
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import run_to_the_end, serve

LEAST = MIN_ADDRESS_SPACE // 1024


def test_too_little_memory_is_reported() -> None:
    """Below the least address space one line says so, and the exit code is 1."""
    done = run_to_the_end(launcher=f"ulimit -v {LEAST - 1}; exec")

    assert done.returncode == 1
    assert done.stderr == (
        f"digitserve: address space (ulimit -v): expected at least {LEAST} kB, got {LEAST - 1}\n"
    )


def test_it_serves_with_the_least_memory() -> None:
    """With the least address space, small requests are answered, also after a large picture."""
    large = encode(two(3000), "PNG")
    with serve(launcher=f"ulimit -v {LEAST}; exec", DIGITS_DRAIN_SECONDS="0") as server:
        url = f"{server.url}/v1/predictions"
        before = [httpx.post(url, content=as_bytes()).status_code for _ in range(10)]
        httpx.post(url, content=large, timeout=30)  # answered, whatever its status
        after = [httpx.post(url, content=as_bytes()).status_code for _ in range(10)]
        server.process.terminate()

        assert server.end() == 0
    assert before + after == [200] * 20
