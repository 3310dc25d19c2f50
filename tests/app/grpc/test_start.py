"""Start of gRPC: off by default, without the extra, with a port in use."""

import re
import subprocess
import sys

import grpc
import pytest

from app.grpc.start import GrpcError, check_grpc, open_grpc
from app.settings import Settings
from tests.support import servers
from tests.support.grpc_servers import infer_request, send_infer, serve_grpc
from tests.support.servers import run_to_the_end, serve

WITHOUT_GRPC = """
import runpy, sys
sys.modules["grpc"] = None
runpy.run_module("app", run_name="__main__")
"""

LOADED = """
import sys, app.main, app.server.serve
print(*{name.partition('.')[0] for name in sys.modules} & {"grpc", "google"})
"""


def test_it_is_off_by_default() -> None:
    """No port is opened, and none of its libraries is imported."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )

    check_grpc(Settings())
    assert open_grpc(Settings()) is None
    assert done.stdout.strip() == ""


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service does not start; one line says what to install."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", WITHOUT_GRPC])
    done = run_to_the_end(DIGITS_GRPC_PORT="0")

    assert done.returncode == 1
    expected = "digitserve: DIGITS_GRPC_PORT: expected the extra grpc (pip install '.[grpc]'), got "
    assert re.fullmatch(re.escape(expected) + r"no grpc\S*\n", done.stderr)


def test_without_the_extra_the_service_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP does not need it."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", WITHOUT_GRPC])
    with serve() as server:
        assert server.port


def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Protocol Buffers are needed, too."""
    monkeypatch.delitem(sys.modules, "app.grpc.server", raising=False)
    monkeypatch.setitem(sys.modules, "grpc.aio", None)

    with pytest.raises(GrpcError, match=r"got no grpc\.aio$"):
        check_grpc(Settings(grpc_port=0))


def test_a_port_in_use_is_reported() -> None:
    """The exit code is 1, and a log line gives the reason; with another gRPC server, too."""
    with serve_grpc() as (_, address):
        port = address.rpartition(":")[2]
        with serve(DIGITS_GRPC_PORT=port, DIGITS_WORKERS="2") as second:
            assert second.end() == 1
    assert any("ddress already in use" in line and port in line for line in second.log)


def test_all_addresses_and_ipv6() -> None:
    """The addresses of DIGITS_HOST hold for gRPC."""
    for host, target in (("0.0.0.0", "127.0.0.1:{}"), ("::", "[::1]:{}"), ("::1", "[::1]:{}")):
        with serve_grpc(DIGITS_HOST=host) as (_, address):
            port = address.rpartition(":")[2]
            with grpc.insecure_channel(target.format(port)) as channel:
                assert send_infer(channel, infer_request()).model_name == "cnn"
