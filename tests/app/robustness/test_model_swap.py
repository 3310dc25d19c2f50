"""Models that change while real servers of one and of several workers answer requests."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.model_directory import DAMAGES, REASONS, damage, put_version
from tests.support.pictures import as_bytes
from tests.support.processes import children, wait_until
from tests.support.servers import Server, serve

KEY = "an-admin-key-for-the-tests"
ADMIN = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def serving(directory: Path, workers: int) -> Iterator[Server]:
    """Run a server of a directory with version 1 of cnn, and wait until all workers serve."""
    put_version(directory, 1)
    with serve(
        DIGITS_WEIGHTS_DIR=str(directory),
        DIGITS_WORKERS=str(workers),
        DIGITS_ADMIN_KEY=KEY,
        DIGITS_DRAIN_SECONDS="0",
    ) as server:
        wait_until(lambda: "".join(server.log).count("startup complete") == workers)
        yield server


def change(server: Server, path: str) -> httpx.Response:
    """Load or unload a model."""
    url = f"{server.url}/v2/repository/models/{path}"
    return httpx.post(url, headers=ADMIN, timeout=20)


def answering(server: Server, times: int = 12) -> set[str]:
    """Return the versions that answer predictions, each on a new connection."""
    answers = [
        httpx.post(f"{server.url}/v1/predictions", content=as_bytes(), timeout=20)
        for _ in range(times)
    ]
    return {one.raise_for_status().json()["model"]["version"] for one in answers}


def served(server: Server) -> Counter[str]:
    """Return the number of workers that serve each version, from the metrics."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    info = [one for one in lines if one.startswith("digitserve_model_info{") and "stable" in one]
    return Counter(one.partition('version="')[2].partition('"')[0] for one in info)


def reload(server: Server) -> None:
    """Send SIGHUP to the parent."""
    server.process.send_signal(signal.SIGHUP)


def load(server: Server) -> None:
    """Load the default model."""
    assert change(server, "cnn/load").status_code == 200


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("swap", [reload, load])
def test_a_new_version_is_served_by_all_workers(
    tmp_path: Path, workers: int, swap: Callable[[Server], None]
) -> None:
    """After SIGHUP or a load; the log has one line, and nothing restarts."""
    with serving(tmp_path, workers) as server:
        before, processes = answering(server), children(server)
        put_version(tmp_path, 2)
        swap(server)
        wait_until(lambda: served(server) == {"2": workers})

        assert (before, answering(server)) == ({"1"}, {"2"})
        if workers > 1:
            assert children(server) == processes
    assert "".join(server.log).count("models changed") == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_all_workers_have_switched_when_load_is_answered(tmp_path: Path, workers: int) -> None:
    """A client that has the answer gets the new version from whichever worker."""
    with serving(tmp_path, workers) as server:
        for version in (2, 3, 4):
            put_version(tmp_path, version)
            load(server)
            assert served(server) == {str(version): workers}
            assert answering(server, 6) == {str(version)}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", DAMAGES)
def test_an_invalid_file_changes_nothing(tmp_path: Path, workers: int, kind: str) -> None:
    """Log, metrics and index say why; after it is repaired, the version is served."""
    with serving(tmp_path, workers) as server:
        damage(tmp_path / "cnn" / "2" / "model.safetensors", kind)
        reload(server)
        wait_until(lambda: any("model refused" in line for line in server.log))
        # each request is answered by any worker, and one may load later than another
        wait_until(lambda: all(len(index(server)) == 2 for _ in range(9)))
        metrics, entries = httpx.get(f"{server.url}/metrics").text, index(server)
        answer = change(server, "cnn/load")

        assert answering(server) == {"1"}
        assert served(server) == {"1": workers}
        assert "digitserve_model_load_problems 1.0" in metrics
        assert 'digitserve_model_loads_total{outcome="failure"} 1.0' in metrics
        assert [(one["version"], one["state"]) for one in entries] == [
            ("1", "READY"),
            ("2", "UNAVAILABLE"),
        ]
        assert REASONS[kind] in entries[1]["reason"]
        assert (answer.status_code, answer.json()["detail"]) == (409, entries[1]["reason"])
        put_version(tmp_path, 2)
        load(server)
        assert answering(server) == {"2"}
    assert "".join(server.log).count("model refused") == 1  # not once for each worker


def index(server: Server) -> list[dict[str, str]]:
    """Return the versions that a worker knows."""
    entries: list[dict[str, str]] = httpx.post(f"{server.url}/v2/repository/index").json()
    return entries


def test_a_replaced_worker_begins_with_the_present_version(tmp_path: Path) -> None:
    """It serves no other version at any time, even if the file has been damaged since."""
    with serving(tmp_path, 2) as server:
        put_version(tmp_path, 2)
        load(server)
        damage(tmp_path / "cnn" / "2" / "model.safetensors", "corrupt")
        killed = min(children(server))
        os.kill(killed, signal.SIGKILL)
        seen = set()
        wait_until(lambda: killed not in children(server) and len(children(server)) == 2)
        while "".join(server.log).count("startup complete") < 3:
            seen |= answering(server, 1)
        seen |= answering(server)

        assert seen == {"2"}
        assert served(server) == {"2": 2}
    assert "plan cannot be followed" not in "".join(server.log)


@pytest.mark.parametrize("workers", [1, 3])
def test_rollback_by_pin_and_by_unload(tmp_path: Path, workers: int) -> None:
    """A pin needs a reload, an unload lasts until the next load."""
    with serving(tmp_path, workers) as server:
        put_version(tmp_path, 2)
        load(server)
        labels = tmp_path / "cnn" / "labels.json"
        labels.write_text('{"stable": "1"}')
        reload(server)
        wait_until(lambda: served(server) == {"1": workers})
        pinned = answering(server)
        labels.unlink()
        load(server)
        unpinned = answering(server)
        assert change(server, "cnn/versions/2/unload").status_code == 200
        reload(server)
        wait_until(lambda: any("models unchanged" in line for line in server.log))
        unloaded = answering(server)
        load(server)

        assert [pinned, unpinned, unloaded, answering(server)] == [{"1"}, {"2"}, {"1"}, {"2"}]


class Clients:
    """Clients that send predictions until they are stopped."""

    def __init__(self, server: Server, count: int = 4) -> None:
        self._url = f"{server.url}/v1/predictions"
        self._end = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.versions: set[str] = set()
        self._threads = [threading.Thread(target=self._send) for _ in range(count)]

    def __enter__(self) -> "Clients":
        """Start the clients."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the clients."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with httpx.Client(timeout=20) as client:
            while not self._end.is_set():
                answer = client.post(self._url, content=as_bytes())
                self.statuses[answer.status_code] += 1
                self.versions.add(answer.json()["model"]["version"])


@pytest.mark.parametrize("workers", [1, 3])
def test_no_request_fails_during_swaps(tmp_path: Path, workers: int) -> None:
    """Requests under load are all answered, by the versions that were served."""
    with serving(tmp_path, workers) as server, Clients(server) as clients:
        for version in range(2, 8):
            put_version(tmp_path, version)
            load(server)
            change(server, f"cnn/versions/{version - 1}/unload")
            before = clients.statuses.total()
            wait_until(lambda before=before: clients.statuses.total() > before + 20)  # type: ignore[misc]

    assert set(clients.statuses) == {200}
    assert clients.versions == {str(version) for version in range(1, 8)}


def test_a_stopped_worker_does_not_hold_up_a_load(tmp_path: Path) -> None:
    """The answer comes after five seconds; when the worker goes on, it follows."""
    with serving(tmp_path, 2) as server:
        first, second = children(server)
        put_version(tmp_path, 2)
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        load(server)
        seconds = time.monotonic() - began
        os.kill(first, signal.SIGCONT)
        wait_until(lambda: served(server) == {"2": 2})

        assert 4.9 < seconds < 15
        assert children(server) == {first, second}
