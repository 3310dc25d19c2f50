"""The form of the log: JSON lines, or readable ones on a terminal."""

import json
import os
import pty
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.processors import TimeStamper

from app.telemetry.log.log_config import render_json
from app.telemetry.log.timestamp import timestamp
from tests.support.pictures import as_bytes
from tests.support.servers import COMMAND, serve


def log_of(code: str, *, check: bool = True) -> list[dict[str, Any]]:
    """Return the lines that a process writes which configures its log and runs some code."""
    start = "import logging, structlog; from app.telemetry.log.log_config import configure_logs\n"
    command = [sys.executable, "-c", f"{start}configure_logs('info')\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=check, timeout=30)
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("microseconds", [0, 1, 999_999])
def test_the_time_is_that_of_the_clock(microseconds: int) -> None:
    """The time is in UTC and has six digits after the second, also in microsecond 0."""
    seconds = 1_700_000_000

    shown = timestamp((seconds * 1_000_000 + microseconds) * 1000 + 999)

    expected = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
    assert shown == expected.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_the_time_has_the_form_of_structlogs_own() -> None:
    """The time has the form of structlog's own ISO 8601 in UTC, and is the same moment."""
    ours = timestamp(time.time_ns())
    theirs = TimeStamper(fmt="iso", utc=True)(None, "info", {})["timestamp"]

    assert ours[-1] == theirs[-1] == "Z"
    moments = [datetime.fromisoformat(one) for one in (ours, theirs)]
    assert abs((moments[1] - moments[0]).total_seconds()) < 1


def test_a_line_is_json_with_level_and_time() -> None:
    """An event is one line of JSON with level and time; a set becomes a list."""
    line = json.loads(render_json(None, "warning", {"event": "here", "value": {1}, "n": 0.5}))

    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "here", "level": "warning", "value": [1], "n": 0.5}


def test_a_traceback_is_in_the_line() -> None:
    """An exception is a text in the field `exception`, and stays within its line."""
    try:
        raise ValueError("wrong")
    except ValueError:
        line = render_json(None, "error", {"event": "failed", "exc_info": True})

    assert b"\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError: wrong")


def test_other_loggers_write_the_same_form() -> None:
    """A library's line, and a warning of Python, have time, level and traceback as ours have."""
    theirs, ours, warning = log_of(
        "logging.getLogger('library').error('it %s', 'failed', exc_info=ValueError('wrong'))\n"
        "structlog.get_logger('digitserve').error('ours', exc_info=ValueError('wrong'))\n"
        "import warnings; warnings.warn('careful')"
    )

    assert theirs.keys() == ours.keys() == {"event", "level", "timestamp", "exception"}
    assert (theirs["event"], theirs["level"]) == ("it failed", "error")
    assert warning["level"] == "warning"


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('wrong')",
        "import threading\ndef fail(): raise ValueError('wrong')\n"
        "one = threading.Thread(target=fail); one.start(); one.join()",
        "class A:\n    def __del__(self): raise ValueError('wrong')\nA()",
    ],
)
def test_an_uncaught_exception_is_a_line(code: str) -> None:
    """An exception of the main thread, of another thread or of a destructor is a line of JSON."""
    [line] = log_of(code, check=False)

    assert (line["event"], line["level"]) == ("uncaught exception", "critical")
    assert line["exception"].endswith("ValueError: wrong")


def test_equal_lines_of_a_library_are_limited() -> None:
    """A flood of one message is some lines a second; the next one says how many are left out."""
    first, *others = log_of(
        "import time\n"
        "for n in range(1000): logging.getLogger('library').warning('broken %s', n)\n"
        "time.sleep(1.1); logging.getLogger('library').warning('broken %s', 'again')"
    )

    assert "suppressed" not in first
    assert len(others) < 50
    assert others[-1]["event"] == "broken again"
    assert others[-1]["suppressed"] > 900


def test_warnings_of_pillow_are_left_out() -> None:
    """A file with thousands of broken tags writes nothing and leaves nothing in memory."""
    lines = log_of(
        "import PIL.TiffImagePlugin, warnings\n"
        "warn = 'for n in range(1000): warnings.warn(f\"Skipping tag {n}\")'\n"
        "before = len(vars(PIL.TiffImagePlugin).get('__warningregistry__', ()))\n"
        "exec(warn, PIL.TiffImagePlugin.__dict__)\n"
        "left = len(PIL.TiffImagePlugin.__warningregistry__) - before\n"
        "structlog.get_logger('digitserve').info('done', left=left)"
    )

    assert [line["event"] for line in lines] == ["done"]
    assert lines[0]["left"] <= 1  # Python's version of the filters


def test_a_closed_standard_error_loses_the_log(tmp_path: Path) -> None:
    """Lines are lost and counted; none is written to the file that has the free descriptor."""
    code = (
        "import os, sys, structlog; file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)\n"
        "from app.telemetry.log.log_config import configure_logs\n"
        "configure_logs('info').on_lost = lambda *lost: os.write(1, repr(lost).encode())\n"
        "structlog.get_logger('digitserve').info('nobody reads this')"
    )
    command = ["sh", "-c", 'exec "$0" -c "$1" "$2" 2>&-', sys.executable, code]
    done = subprocess.run([*command, tmp_path / "file"], stdout=subprocess.PIPE, check=True)

    assert done.stdout == b"(1, 'write-failed')"
    assert (tmp_path / "file").read_bytes() == b""


def test_lines_below_the_level_are_left_out() -> None:
    """Lines of a lower level are not written, neither ours nor those of libraries."""
    lines = log_of(
        "structlog.get_logger('digitserve').debug('ours')\n"
        "logging.getLogger('library').debug('theirs')"
    )

    assert lines == []


def test_every_line_is_json() -> None:
    """Each line from start to end, ours and uvicorn's, is JSON with time and level."""
    with serve(DIGITS_DRAIN_SECONDS="0") as server:
        httpx.post(f"{server.url}/v1/predictions", content=as_bytes())
        server.process.terminate()
        assert server.end() == 0

    lines: list[dict[str, Any]] = [json.loads(line) for line in server.log]
    events = [line["event"] for line in lines]
    assert all({"timestamp", "level"} <= line.keys() for line in lines)
    wanted = ["starting", "models loaded", "request", "stopping", "stopped"]
    assert [event for event in events if event in wanted] == wanted
    assert any(event.startswith("Uvicorn running on") for event in events)


def test_on_a_terminal_it_is_for_people() -> None:
    """If standard error is a terminal, the lines are text, not JSON."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COMMAND, env=os.environ | {"DIGITS_PORT": "0"}, stderr=theirs)
    os.close(theirs)
    text = b""
    while b"Uvicorn running on" not in text:
        text += os.read(ours, 4096)
    process.terminate()
    process.terminate()
    while process.poll() is None:
        try:
            os.read(ours, 4096)  # a terminal that nobody reads from holds up its writers
        except OSError:  # it is closed
            break
    process.wait(timeout=30)
    os.close(ours)

    assert b"models loaded" in text
    assert b'{"' not in text
