"""Null characters in URL, base64, form, image and header."""

import json
import socket

import pytest

from tests.app.conftest import Client
from tests.support.pictures import as_bytes
from tests.support.servers import Server

URL = "/v1/predictions"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{URL}?model=%00", 404),
        (f"{URL}?model=cnn%00", 404),
        (f"{URL}?include=input%00", 400),
        (f"{URL}?%00=1", 400),
        (f"{URL}%00", 404),
        ("/v1/models/cnn%00", 404),
        ("/%00", 404),
    ],
)
def test_a_null_character_in_a_url_is_an_unknown_name(
    client: Client, url: str, status: int
) -> None:
    """A path, parameter or value with a null character is answered as any unknown name."""
    method = "POST" if url.startswith(URL) else "GET"

    assert client.request(method, url, content=as_bytes()).status_code == status


@pytest.mark.parametrize("image", ["\0", "\0iVBORw0KGgo=", "iVBORw0KGgo=\0"])
def test_a_null_character_in_base64_is_invalid(client: Client, image: str) -> None:
    """Base64 with a null character gets 400."""
    assert client.post(URL, content=json.dumps({"image": image})).status_code in (400, 415)
    headers = {"Content-Type": "application/json"}
    answer = client.post(URL, content=json.dumps({"image": image}), headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("field", "filename", "status"),
    [("image", "a\0.png", 200), ("image\0", "a.png", 400), ("image", "\0", 200)],
)
def test_a_null_character_in_a_form(client: Client, field: str, filename: str, status: int) -> None:
    """A null character in a file name is ignored; in the name of a field it gives 400."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n\r\n'
    body = head.encode() + as_bytes() + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}

    assert client.post(URL, content=body, headers=headers).status_code == status


@pytest.mark.parametrize("picture", [b"\0", bytes(1000), as_bytes() + bytes(1000)])
def test_null_characters_in_an_image(client: Client, picture: bytes) -> None:
    """A body of null characters gets 415; after the end of an image they are ignored."""
    status = 200 if picture.startswith(b"\x89PNG") else 415

    assert client.post(URL, content=picture).status_code == status


def test_a_null_character_in_a_header_is_invalid(server: Server) -> None:
    """A header with a null character gets 400."""
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\0b\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(request)
        assert one.recv(65536).startswith(b"HTTP/1.1 400 ")
