"""Access control: API keys, trusted hosts, and headers against misuse."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.pictures import as_bytes
from tests.support.servers import Server, run_to_the_end, serve

KEY, OTHER_KEY = "a-key-for-the-tests", "another-key-of-the-tests"


@pytest.fixture(scope="module")
def keyed() -> Iterator[Server]:
    """Return a running server with two API keys."""
    with serve(DIGITS_API_KEYS=f"{KEY}, {OTHER_KEY}") as server:
        yield server


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_each_key_is_accepted(keyed: Server, scheme: str, key: str) -> None:
    """A request with any of the keys is answered; the scheme's case does not matter."""
    url, headers = f"{keyed.url}/v1/predictions", {"Authorization": f"{scheme} {key}"}

    assert httpx.post(url, content=as_bytes(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (None, "none"),
        (f"Basic {KEY}", "another scheme"),
        (KEY, "another scheme"),
        ("Bearer", "a key that is not known"),
        (f"Bearer {KEY[:-1]}", "a key that is not known"),
        (f"Bearer {KEY}, {OTHER_KEY}", "a key that is not known"),
        ("Bearer \xff", "a key that is not known"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/predictions", "/v1/models", "/v1/unknown"])
def test_missing_and_wrong_keys_are_refused(
    keyed: Server, path: str, sent: str | None, got: str
) -> None:
    """A missing or wrong key gives 401 with WWW-Authenticate; the detail does not repeat it."""
    headers = {} if sent is None else {b"Authorization": sent.encode("latin-1")}

    answer = httpx.get(f"{keyed.url}{path}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"Authorization: expected Bearer and an API key, got {got}"


def test_the_key_is_checked_before_the_body(keyed: Server) -> None:
    """A request without a key gets 401 before any byte of its body has arrived."""
    head = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", keyed.port), timeout=10) as connection:
        connection.sendall(head)

        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/", "/docs", "/openapi.json"])
def test_public_paths_need_no_key(keyed: Server, path: str) -> None:
    """Probes, metrics, the page and the documentation are answered without a key."""
    assert httpx.get(f"{keyed.url}{path}").status_code == 200


def test_the_openapi_document_has_a_security_scheme(keyed: Server, client: Client) -> None:
    """With API keys the protected operations have a security scheme; without keys none has."""
    document = httpx.get(f"{keyed.url}/openapi.json").json()

    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["paths"]["/v1/predictions"]["post"]["security"] == [{"key": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "security" not in json.dumps(client.get("/openapi.json").json()["paths"])


def test_keys_are_never_shown() -> None:
    """No API key is in the log, in --help, in errors or in the repr of the settings."""
    with serve(DIGITS_API_KEYS=KEY, DIGITS_LOG_LEVEL="debug") as server:
        for key in (KEY, "a-wrong-key-of-a-caller"):
            headers = {"Authorization": f"Bearer {key}"}
            httpx.post(f"{server.url}/v1/predictions", content=b"x", headers=headers)
    log = "".join(server.log)
    helped = run_to_the_end("--help", DIGITS_API_KEYS=KEY)
    refused = run_to_the_end(DIGITS_API_KEYS="too-short")

    assert "/v1/predictions" in log
    assert KEY not in log
    assert "a-wrong-key-of-a-caller" not in log
    assert KEY not in helped.stdout
    assert refused.returncode == 1
    assert refused.stderr == (
        "digitserve: DIGITS_API_KEYS: expected keys of at least 16 characters, "
        "got one that is not shown\n"
    )
    assert KEY not in repr(Settings(api_keys=(SecretStr(KEY),)))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("digits.example", 200),
        ("DIGITS.example:8000", 200),
        ("a.b.example", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("b.example", 400),
        ("digits.example.evil", 400),
        ("evil-digits.example", 400),
        ("", 400),
    ],
)
def test_only_trusted_hosts_are_answered(
    registry: Registry, readiness: Readiness, host: str, status: int
) -> None:
    """Only requests with a trusted name, subdomain or address as Host are answered."""
    settings = Settings(trusted_hosts=("digits.example", "*.b.example", "[::1]"))
    client = Client(create_app(settings, registry, readiness))

    assert client.get("/v1/models", headers={"Host": host}).status_code == status
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


ROOT = Path(__file__).parents[3]
BROKEN = as_bytes()[:60]
ERRORS: list[tuple[str, str, dict[str, object]]] = [
    ("GET", "/v1/unknown", {}),
    ("GET", "/v1/models/..%2f..%2fetc%2fpasswd", {}),
    ("DELETE", "/v1/models", {}),
    ("POST", "/v1/predictions", {}),
    ("POST", "/v1/predictions", {"content": BROKEN}),
    ("POST", "/v1/predictions", {"content": b"%PDF-1.7"}),
    ("POST", "/v1/predictions?model=nul%00l", {"content": BROKEN}),
    ("POST", "/v1/predictions", {"json": {"image": 1}}),
    ("POST", "/v1/predictions", {"json": {"image": "*"}}),
    ("POST", "/v1/predictions", {"files": {"other": b"x"}}),
    ("POST", "/v1/predictions", {"content": bytes(200_001)}),
    ("POST", "/v1/predictions/batch", {"files": [("images", BROKEN)]}),
]


@pytest.mark.parametrize(("method", "path", "options"), ERRORS)
def test_errors_show_no_internals(
    server: Server, method: str, path: str, options: dict[str, object]
) -> None:
    """An error names no file, module, traceback or server, and has the security headers."""
    answer = httpx.request(method, f"{server.url}{path}", **options)  # type: ignore[arg-type]

    for inside in ("Traceback", 'File "', ".py", "site-packages", str(ROOT), "PIL", "pydantic"):
        assert inside not in answer.text
    assert "server" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/healthz", "/docs", "/v1/models"])
def test_every_response_has_the_security_headers_once(server: Server, path: str) -> None:
    """Each response has each security header one time, also the page with its own headers."""
    headers = httpx.get(f"{server.url}{path}").headers

    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("x-frame-options") == ["DENY"]


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_cors_is_off(server: Server, method: str) -> None:
    """A cross-origin request gets no Access-Control header."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = httpx.request(
        method, f"{server.url}/v1/predictions", content=as_bytes(), headers=headers
    )

    assert not [name for name in answer.headers if name.startswith("access-control")]
