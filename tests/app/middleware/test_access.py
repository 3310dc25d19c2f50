"""Access control: API keys, trusted hosts, and headers against misuse."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from app.errors import AppError, ForbiddenError, UnauthorizedError
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.middleware.access import AccessControl
from app.settings import Settings, load_settings
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
    paths = client.get("/openapi.json").json()["paths"]
    assert '"key"' not in json.dumps(paths)
    assert paths["/v2/repository/models/{name}/load"]["post"]["security"] == [{"admin_key": []}]


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


TRUSTED = ("digits.example", "*.b.example", "[::1]", "xn--bcher-kva.example", "dot.example.")

HOSTS = {
    "digits.example": True,
    "DIGITS.example:8000": True,
    "digits.example.": True,
    "digits.example.:8000": True,
    "digits.example:": True,
    "dot.example": True,
    "a.b.example": True,
    "a.a_1-b.B.example:1": True,
    "xn--a.b.example": True,
    "xn--bcher-kva.example": True,
    "[::1]": True,
    "[::1]:8000": True,
    "": False,
    "b.example": False,
    ".b.example": False,
    "a..b.example": False,
    "evil/.b.example": False,
    "evil#.b.example": False,
    "evil?.b.example": False,
    "evil\\.b.example": False,
    "evil@a.b.example": False,
    "evil:80@a.b.example": False,
    "evil%2f.b.example": False,
    "evil .b.example": False,
    "evil,a.b.example": False,
    "evil\t.b.example": False,
    "a.b.example/": False,
    "digits.example.evil": False,
    "evil-digits.example": False,
    "user@digits.example": False,
    "digits.example:80:80": False,
    "digits.example:http": False,
    "digits.example:\xb2": False,
    "digits.example..": False,
    "digits.example, evil": False,
    "http://digits.example": False,
    "b\xfccher.example": False,
    "::1": False,
    "[::1": False,
    "[::1]8000": False,
    "[::1]:http": False,
    "[::2]": False,
    "[::1%25eth0]": False,
    "[a.b.example": False,
    "[a].b.example": False,
}


@pytest.mark.parametrize(("host", "trusted"), HOSTS.items())
def test_only_trusted_hosts_are_answered(host: str, trusted: bool) -> None:
    """A Host header is trusted if it is a valid host with a trusted name, and any port."""
    access = AccessControl(hosts=TRUSTED)
    headers = [(b"accept", b"*/*"), (b"host", host.encode("latin-1"))]

    error = access.check("/v1/models", headers)

    assert (error is None) is trusted
    assert trusted or str(error) == f"Host: expected a name of this service, got {host or 'none'}"
    assert access.check("/healthz", headers) is None


@pytest.mark.parametrize(
    ("hosts", "got"),
    [
        ([], "none"),
        ([b"digits.example", b"evil"], "digits.example and evil"),
        ([b"evil", b"digits.example"], "evil and digits.example"),
        ([b"digits.example", b"digits.example"], "digits.example and digits.example"),
    ],
)
def test_a_request_has_one_host(hosts: list[bytes], got: str) -> None:
    """A request with no Host header or with two is refused, also if one of them is trusted."""
    error = AccessControl(hosts=TRUSTED).check("/v1/models", [(b"host", host) for host in hosts])

    assert str(error) == f"Host: expected a name of this service, got {got}"


@pytest.mark.parametrize(
    "name", ["*", "http://a.example", "a.example:80", "::1", "a/.b.example", "b\xfccher.example"]
)
def test_a_trusted_host_that_no_request_can_name_is_refused(name: str) -> None:
    """A name with scheme, port or invalid characters in the settings is refused at the start."""
    with pytest.raises(ValidationError, match=r"names like digits.example, \*.example or \[::1\]"):
        Settings(trusted_hosts=("digits.example", name))


def test_an_untrusted_host_is_a_malformed_request(registry: Registry, readiness: Readiness) -> None:
    """A request with another host gets 400, except for the probes."""
    client = Client(create_app(Settings(trusted_hosts=TRUSTED), registry, readiness))

    assert client.get("/v1/models", headers={"Host": "digits.example"}).status_code == 200
    assert client.get("/v1/models", headers={"Host": "evil/.b.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "evil/.b.example"}).status_code == 200


def test_a_request_has_one_key() -> None:
    """A request with two Authorization headers is refused, also if both have the same key."""
    header = (b"authorization", f"Bearer {KEY}".encode())
    access = AccessControl(keys=[KEY])

    error = access.check("/v1/models", [header, header])

    assert access.check("/v1/models", [header]) is None
    assert str(error) == "Authorization: expected Bearer and an API key, got more than one"


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


ADMIN_KEY = "an-admin-key-for-the-tests"


@pytest.mark.parametrize(
    ("admin_key", "sent", "error"),
    [
        (None, ADMIN_KEY, ForbiddenError),
        (ADMIN_KEY, ADMIN_KEY, None),
        (ADMIN_KEY, KEY, UnauthorizedError),
        (ADMIN_KEY, None, UnauthorizedError),
    ],
)
@pytest.mark.parametrize("path", ["cnn/load", "cnn/versions/1/unload", "cnn", ""])
def test_paths_of_administrators_need_the_admin_key(
    path: str, admin_key: str | None, sent: str | None, error: type[AppError] | None
) -> None:
    """Every path below the models of the repository, whether or not there are API keys."""
    headers = [(b"authorization", f"Bearer {sent}".encode())] if sent else []

    for keys in ((), (KEY,)):
        access = AccessControl(keys=keys, admin_key=admin_key)
        found = access.check(f"/v2/repository/models/{path}", headers)
        assert (found and type(found)) == error


@pytest.mark.parametrize(("value", "code"), [("", None), ("short", 1)])
def test_a_short_admin_key_is_refused(value: str, code: int | None) -> None:
    """An empty one stands for none, as compose files set it; the value is not shown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITS_ADMIN_KEY", value)
        if code is None:
            assert load_settings().admin_key is None
        else:
            done = run_to_the_end(DIGITS_ADMIN_KEY=value)
            assert done.returncode == code
            assert "DIGITS_ADMIN_KEY: expected keys of at least 16 characters" in done.stderr
            assert value not in done.stderr
