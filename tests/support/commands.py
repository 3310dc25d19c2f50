"""The command ``digitserve`` as a subprocess."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.servers import COMMAND


def environment(**more: str) -> dict[str, str]:
    """Return the environment without settings, and with these variables."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS")}
    return plain | more


def run_command(
    *arguments: str | Path, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; return its exit code and output."""
    done = subprocess.run(
        command(arguments),
        input=stdin,
        env=environment(**variables),
        capture_output=True,
        timeout=100,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def command(arguments: Sequence[str | Path]) -> list[str]:
    """Return the words of the command line."""
    return [*COMMAND, *map(str, arguments)]
