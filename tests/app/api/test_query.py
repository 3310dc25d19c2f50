"""Validation of query parameters."""

import pytest

from tests.app.conftest import Client
from tests.support.pictures import as_bytes


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("model=cnn", 200),
        ("model=%63nn", 200),
        ("version=stable", 200),
        ("version=stable&model=dnn", 200),
        ("version=", 400),
        ("version=1/", 400),
        ("version=%0a5", 400),
        ("version=" + "1" * 65, 400),
        ("version=1&version=1", 400),
        ("version=99", 404),
        ("version=canary", 404),
        ("include=input&include=explanation&include=input", 200),
        ("normalise=off&model=dnn", 200),
        ("&&", 200),
        ("rotate=0", 200),
        ("rotate=270&threshold=1", 200),
        ("rotate=auto&threshold=0", 200),
        ("threshold=0.125", 200),
        ("threshold=5e-1", 200),
        ("rotate=", 400),
        ("rotate=45", 400),
        ("rotate=-90", 400),
        ("rotate=90&rotate=90", 400),
        ("threshold=", 400),
        ("threshold=1.01", 400),
        ("threshold=-0.1", 400),
        ("threshold=nan", 400),
        ("threshold=inf", 400),
        ("threshold=0,5", 400),
        ("threshold=90%25", 400),
        ("model=", 404),
        ("model=CNN", 404),
        ("model=../cnn", 404),
        ("model=" + "a" * 10_000, 404),
        ("model=%ff", 404),
        ("model", 404),
        ("include=", 400),
        ("include=all", 400),
        ("include[]=input", 400),
        ("normalise=on", 400),
        ("normalise=off&normalise=off", 400),
        ("model=cnn&model=cnn", 400),
        ("model=cnn;include=input", 404),
        ("other=1", 400),
        ("=1", 400),
        ("&".join(f"a{number}=1" for number in range(1000)), 400),
    ],
)
def test_query_parameters_are_validated(client: Client, query: str, status: int) -> None:
    """Valid queries are answered; an unknown model is 404, any other invalid parameter 400."""
    answer = client.post(f"/v1/predictions?{query}", content=as_bytes())

    assert answer.status_code == status
