"""A PostgreSQL server for tests, from the binaries of Debian or of the PATH."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_postgres() -> Path | None:
    """Return the directory of PostgreSQL's programs, the newest one, or None."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(places[-1]) if places else shutil.which("initdb")
    return Path(found).parent if found else None


class Postgres:
    """A PostgreSQL server that listens on a free port, and its databases.

    It runs as the user ``postgres`` if the tests run as root, which it refuses.
    """

    def __init__(self, programs: Path, place: Path) -> None:
        self._programs, self._data = programs, place / "data"
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self._user = "postgres" if os.geteuid() == 0 else None
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "digits", "--no-sync")
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://digits@127.0.0.1:{self.port}/{database}"

    def create(self, name: str) -> str:
        """Create a database; return its URL."""
        self.psql(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def psql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; return its output."""
        return self._run("psql", "-qAtX", "-c", statement, self.url(database))

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        options = f"-h 127.0.0.1 -p {self.port} -k '' -F"  # -F: no fsync
        log = self._data.parent / "log"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-o", options, "-l", log)

    def stop(self) -> None:
        """Stop the server at once: its connections are cut."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)

    def freeze(self, *, frozen: bool) -> None:
        """Stop or continue all processes of the server: it accepts connections, and is silent."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True, check=False
        )
        for process in [first, *map(int, listed.stdout.split())]:
            os.kill(process, signal.SIGSTOP if frozen else signal.SIGCONT)

    def _run(self, program: str, *arguments: object) -> str:
        done = subprocess.run(
            [self._programs / program, *map(str, arguments)],
            user=self._user,
            cwd="/",
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout or ""


@contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """Run a server with new data in a directory of its own."""
    place = Path(tempfile.mkdtemp(prefix="digits-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
    server = Postgres(programs, place)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(place)
