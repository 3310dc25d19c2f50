"""Signals to a server with one and with several processes."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.processes import children, state, wait_until
from tests.support.servers import COMMAND, Server, serve

TWO = {"DIGITS_WORKERS": "2"}
AT_ONCE = {"DIGITS_DRAIN_SECONDS": "0"}


def ask(server: Server) -> int:
    """Return the status of a prediction."""
    return httpx.post(f"{server.url}/v1/predictions", content=as_bytes(), timeout=10).status_code


def stopping(server: Server) -> list[str]:
    """Return the log lines about signals that stop a process."""
    return [line for line in server.log if '"stopping"' in line]


def wait_for_workers(server: Server) -> set[int]:
    """Wait until both workers serve, and return their process ids."""
    wait_until(lambda: "".join(server.log).count("startup complete") == 2)
    return children(server)


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_closed_terminal_stops_as_sigterm_does(count: str) -> None:
    """A closed terminal stops the service with a drain period and exit code 0."""
    controller, terminal = pty.openpty()
    launcher = f"exec setsid --ctty <{os.ttyname(terminal)}"  # as the shell of a terminal window
    settings = {"DIGITS_WORKERS": count, "DIGITS_DRAIN_SECONDS": "0.5"}
    with serve(launcher=launcher, **settings) as server:
        os.close(terminal)
        assert ask(server) == 200
        wait_until(lambda: "".join(server.log).count("startup complete") == int(count))
        os.close(controller)

        assert server.end() == 0
    assert len(stopping(server)) == int(count)
    assert all('"drain_seconds":0.5' in line for line in stopping(server))


@pytest.mark.parametrize("count", ["1", "2"])
@pytest.mark.parametrize("launcher", ["exec", "exec setsid", "exec setsid --ctty <{}"])
def test_sighup_reloads_the_models(count: str, launcher: str) -> None:
    """SIGHUP stops no service whose terminal is open, or which had none."""
    controller, terminal = pty.openpty()
    launcher = launcher.format(os.ttyname(terminal))
    with serve(launcher=launcher, DIGITS_WORKERS=count, **AT_ONCE) as server:
        assert ask(server) == 200
        wait_until(lambda: "".join(server.log).count("startup complete") == int(count))
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "".join(server.log).count("models unchanged") == 1)

        assert ask(server) == 200
        assert stopping(server) == []
        server.process.terminate()
        assert server.end() == 0
    os.close(controller)
    os.close(terminal)


@pytest.mark.parametrize("count", ["1", "2"])
def test_sighup_is_ignored_with_nohup(count: str) -> None:
    """A service that was started with nohup goes on when the terminal is closed."""
    with serve(launcher="exec nohup", DIGITS_WORKERS=count, **AT_ONCE) as server:
        assert ask(server) == 200
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)

        assert ask(server) == 200
        server.process.terminate()
        assert server.end() == 0


def test_a_signal_to_the_whole_group_skips_no_drain() -> None:
    """Systemd and terminals signal all processes of a group; a worker counts that one time."""
    with serve(launcher="exec setsid", DIGITS_DRAIN_SECONDS="0.7", **TWO) as server:
        wait_for_workers(server)
        os.killpg(server.process.pid, signal.SIGTERM)

        assert server.end() == 0
    assert len(stopping(server)) == 2
    assert all('"drain_seconds":0.7' in line for line in stopping(server))


def test_sighup_to_the_whole_group_reloads_once() -> None:
    """Systemd can send it to all processes of a group; the parent passes it on to one worker."""
    with serve(launcher="exec setsid", **TWO, **AT_ONCE) as server:
        wait_for_workers(server)
        os.killpg(server.process.pid, signal.SIGHUP)
        wait_until(lambda: any("models unchanged" in line for line in server.log))
        assert ask(server) == 200
        server.process.terminate()

        assert server.end() == 0
    assert "".join(server.log).count("models unchanged") == 1
    assert len(stopping(server)) == 2


def test_ctrl_c_in_a_terminal_stops_all_workers_at_once() -> None:
    """Ctrl-C reaches all processes of a group, and ends all of them without a drain period."""
    with serve(launcher="exec setsid", DIGITS_DRAIN_SECONDS="60", **TWO) as server:
        wait_for_workers(server)
        os.killpg(server.process.pid, signal.SIGINT)

        assert server.end() == 0
    assert all('"drain_seconds":0.0' in line for line in stopping(server))
    assert "Traceback" not in "".join(server.log)


INTERRUPTED = """
import os, runpy, signal, sys
class Hook:
    def find_spec(name, path, target=None):
        if name == "numpy":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Hook)
runpy.run_module("app", run_name="__main__")
"""


def test_ctrl_c_during_the_start_writes_no_traceback() -> None:
    """A process that still imports its modules ends by the signal, without a traceback."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_a_stopped_worker_does_not_stop_the_others() -> None:
    """While a worker is stopped, the other one serves; after SIGCONT it serves again."""
    with serve(**TWO, **AT_ONCE) as server:
        first, second = wait_for_workers(server)
        os.kill(first, signal.SIGSTOP)
        wait_until(lambda: state(first) == "T")
        during = [ask(server) for _ in range(10)]
        os.kill(first, signal.SIGCONT)
        os.kill(second, signal.SIGSTOP)
        wait_until(lambda: state(second) == "T")
        after = [ask(server) for _ in range(10)]
        os.kill(second, signal.SIGCONT)

        assert during + after == [200] * 20
        assert children(server) == {first, second}
        server.process.terminate()
        assert server.end() == 0


def test_a_stopped_worker_is_killed_after_the_grace_period() -> None:
    """The parent kills a worker that has not ended one second after the grace period."""
    with serve(**TWO, **AT_ONCE, DIGITS_GRACE_SECONDS="0") as server:
        first, _ = wait_for_workers(server)
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        server.process.terminate()

        assert server.end() == 1
        assert 0.9 < time.monotonic() - began < 5
    killed = [line for line in server.log if "worker has not ended in time, killing it" in line]
    assert [f'"process":{first}' in line for line in killed] == [True]


def test_workers_end_as_after_sigterm_if_their_parent_is_killed() -> None:
    """The workers of a killed parent have the drain period, and then end."""
    with serve(**TWO, DIGITS_DRAIN_SECONDS="0.5") as server:
        orphans = wait_for_workers(server)
        server.process.kill()
        wait_until(lambda: len(stopping(server)) == 2)
        ready = httpx.get(f"{server.url}/readyz").status_code
        wait_until(lambda: not any(map(state, orphans)))

    assert ready == 503
    assert all('"signal":"SIGTERM","drain_seconds":0.5' in line for line in stopping(server))


def test_sigterm_to_one_worker_replaces_it() -> None:
    """A worker that gets SIGTERM alone ends without a lost request, and a new one starts."""
    with serve(**TWO, **AT_ONCE) as server:
        first, second = wait_for_workers(server)
        os.kill(first, signal.SIGTERM)
        statuses = [ask(server) for _ in range(30)]
        wait_until(lambda: len(children(server) - {first}) == 2)

        assert statuses == [200] * 30
        assert second in children(server)


def test_children_of_others_do_not_disturb_the_supervisor() -> None:
    """The parent may have children that it did not start, and SIGCHLD may have been ignored."""
    launcher = "trap '' CHLD; sleep 1.2 & exec"
    with serve(launcher=launcher, **TWO, **AT_ONCE) as server:
        wait_until(lambda: "".join(server.log).count("startup complete") == 2)
        # The other child has ended.
        wait_until(lambda: len([child for child in children(server) if state(child)]) == 2)
        killed = min(child for child in children(server) if state(child))
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: "".join(server.log).count("startup complete") == 3)

        assert ask(server) == 200
        server.process.terminate()
        assert server.end() == 0


@pytest.fixture
def launched(tmp_path: Path, free_port: int) -> Iterator[tuple[str, Path]]:
    """Return address and log of a server whose launching script has ended."""
    log = tmp_path / "log"
    script = f"{' '.join(COMMAND)} >/dev/null 2>{log} & echo $!"
    environment = os.environ | {"DIGITS_PORT": str(free_port), **AT_ONCE}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, check=True)
    process = int(done.stdout)
    try:
        wait_until(lambda: "startup complete" in log.read_text())
        yield f"http://127.0.0.1:{free_port}", log
    finally:
        os.kill(process, signal.SIGTERM)
        wait_until(lambda: not state(process))


def test_a_single_process_outlives_the_script_that_started_it(launched: tuple[str, Path]) -> None:
    """A script that starts the service in the background may end: the service goes on."""
    url, log = launched
    time.sleep(0.5)

    assert httpx.get(f"{url}/readyz").status_code == 200
    assert "stopping" not in log.read_text()


def test_a_parent_that_dies_at_once_leaves_no_worker() -> None:
    """A worker sees that its parent has died even if that was before it could look."""
    program = (
        "import os, time\n"
        "from app.server.parent_state import ParentState\n"
        "state = ParentState()\n"
        "if os.fork() == 0:\n"
        "    time.sleep(0.3)\n"
        "    state.become_worker()\n"
        "    print(state.has_died, state.stop_signal, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout == "True 0\n"
