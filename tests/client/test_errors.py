"""Classes of errors, and problem documents."""

import pickle

import pytest

from app.errors import STATUS, kind
from digitserve_client import InvalidAnswerError, NoResponseError, ResponseError
from digitserve_client.problems import NotFoundError, UnavailableError, problem_error
from digitserve_client.reply import Reply, parse_reply

# Errors of HTTP itself, which the client does not cause.
_OF_HTTP = {"unknown-expectation", "header-too-large", "unsupported-encoding"}


def test_every_error_of_the_service_has_a_class() -> None:
    """By its type: the class has the name of the service's, and its status."""
    for error, status in STATUS.items():
        name = kind(error)
        got = problem_error({"type": f"urn:digitserve:problem:{name}", "status": status})
        assert (type(got).__name__ == error.__name__) == (name not in _OF_HTTP), name
        assert got.status == status


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, NotFoundError), (503, UnavailableError), (418, ResponseError), (599, ResponseError)],
)
def test_an_unknown_type_has_the_class_of_its_status(status: int, expected: type) -> None:
    """For types of later versions, and pages of proxies."""
    page = Reply(status, {}, b"<html>")
    with pytest.raises(ResponseError) as caught:
        parse_reply(page, lambda document: document)

    assert type(caught.value) is expected
    assert caught.value.problem.detail == "no problem document"
    later = problem_error({"type": "urn:digitserve:problem:new", "status": status})
    assert type(later) is expected


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "Fri, 99 Nov"])
def test_an_invalid_retry_after_is_none(value: str) -> None:
    """The pause is then the client's own."""
    with pytest.raises(ResponseError) as caught:
        parse_reply(Reply(503, {"retry-after": value}, b"{}"), lambda document: document)

    assert caught.value.retry_after is None


def test_errors_can_be_sent_between_processes() -> None:
    """The problem document survives pickle."""
    error = problem_error({"status": 429, "title": "Too Many Requests"}, 1.0)

    again = pickle.loads(pickle.dumps(error))

    assert (type(again), again.problem, again.retry_after) == (type(error), error.problem, 1.0)


def test_the_families_have_one_root() -> None:
    """One except clause catches everything that the client raises."""
    from digitserve_client import DigitserveError

    for error in (NoResponseError, InvalidAnswerError, ResponseError):
        assert issubclass(error, DigitserveError)
