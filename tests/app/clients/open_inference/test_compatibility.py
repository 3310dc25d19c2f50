"""docs/open-inference-clients.md has the tables that its script measures."""

from collections.abc import Iterator

import pytest

from tests.app.clients.open_inference.compatibility import (
    kserve_table,
    recorded_service,
    triton_tables,
)
from tests.app.clients.open_inference.kserve_environment import KSERVE, ROOT
from tests.support.recording_proxy import RecordingProxy

PAGE = ROOT / "docs" / "open-inference-clients.md"


@pytest.fixture(scope="module")
def proxy() -> Iterator[RecordingProxy]:
    """Return a proxy in front of a service."""
    with recorded_service() as one:
        yield one


def test_the_tables_of_tritonclient_are_measured(proxy: RecordingProxy) -> None:
    """Each call of both clients is sent and answered as the page says."""
    for table in triton_tables(proxy):
        assert table in PAGE.read_text()


def test_the_table_of_kserve_is_measured(proxy: RecordingProxy) -> None:
    """Each call of KServe's client is sent and answered as the page says."""
    if not KSERVE.exists():
        pytest.skip("needs KServe's client in .venv-kserve: make kserve")

    assert kserve_table(proxy) in PAGE.read_text()
