"""The files of the page over HTTP: size, caching, content security policy."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.page.assets import load_page
from tests.app.conftest import Client


class Document(HTMLParser):
    """HTML document: its tags, and the text of its scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts = self.style = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store a start tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Store an end tag."""
        self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        """Store the text of scripts and styles."""
        tag = self.tags[-1][0] if self.tags else ""
        self.scripts += data.strip() if tag == "script" else ""
        self.style += data if tag == "style" else ""

    def urls(self) -> list[str]:
        """Return the URLs of the document."""
        return [v for _, a in self.tags for k, v in a.items() if k in ("src", "href") and v]


@pytest.fixture
def document(client: Client) -> Document:
    """Return the document at /."""
    return Document(client.get("/").text)


def test_the_document_is_revalidated(client: Client) -> None:
    """The document is sent with `no-cache` and a strong ETag; the second answer is 304."""
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_its_files_are_cached_for_a_year(client: Client, document: Document) -> None:
    """Each file has a digest in its URL, is cached for a year, and has the right media type."""
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    for url in document.urls():
        if not url.startswith("static/"):
            continue
        asset = client.get(f"/{url}")
        again = client.get(f"/{url}", headers={"If-None-Match": asset.headers["etag"]})

        assert re.fullmatch(r"static/[0-9a-f]{16}/[a-z_]+\.(js|css|svg)", url)
        assert asset.headers["content-type"].startswith(types[url.rpartition(".")[2]])
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert again.status_code == 304
    assert client.get("/static/0000000000000000/boot.js").status_code == 404


@pytest.mark.parametrize("changed", ["index.html", "a.js", "b.js", "page.css"])
def test_a_changed_file_changes_every_url(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """A change of one file changes the URL of every file: versions cannot mix."""
    files = {"index.html": b"static/a.js", "a.js": b"a", "b.js": b"b", "page.css": b""}
    monkeypatch.setattr("app.page.assets.read_files", lambda: dict(files))
    before = load_page()
    files[changed] += b" "
    after = load_page()

    assert before.document != after.document
    assert before.assets.keys().isdisjoint(after.assets)


def test_the_content_security_policy_is_strict(client: Client, document: Document) -> None:
    """The policy allows no inline script, only the style with its digest, and no other host."""
    headers = client.get("/").headers
    policy = headers["content-security-policy"].split("; ")

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert not document.scripts
    digest = base64.b64encode(hashlib.sha256(document.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not any(re.match(r"style$|on", key) for _, a in document.tags for key in a)
    assert not any(re.match("[a-z]*:?//", url) for url in document.urls())


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "deflate,GZIP"])
def test_files_are_compressed(client: Client, accepted: str) -> None:
    """Clients that accept gzip get it, with another ETag; others get the files as they are."""
    packed = client.get("/", headers={"Accept-Encoding": accepted})
    plain = client.get("/", headers={"Accept-Encoding": "br, gzip;q=0"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.text == plain.text


def test_every_module_is_preloaded(document: Document) -> None:
    """Every module has a modulepreload link in the document."""
    names = {url.rpartition("/")[2] for url in document.urls() if url.startswith("static/")}
    files = {path.rpartition("/")[2]: content for path, content in load_page().assets.items()}

    assert names == set(files)
    for content in files.values():
        for name in re.findall(r'from "\./([^"]+)"', content.decode()):
            assert name in names


def test_the_page_is_small(client: Client) -> None:
    """All files together are under 50 KB on the wire, and no module has more than 250 lines."""
    page = load_page()
    files = {"/": page.document, **page.assets}
    headers = {"Accept-Encoding": "gzip"}
    sizes = [int(client.get(url, headers=headers).headers["content-length"]) for url in files]

    assert sum(sizes) < 50_000
    for name, content in page.assets.items():
        assert len(content.splitlines()) <= 250, name


def test_the_document_says_what_is_kept() -> None:
    """The document has what the service keeps of feedback, or null, as JSON in an attribute."""
    found = [
        attributes["data-keeps"]
        for keeps in (None, {"originals": True, "days": 90.0})
        for _, attributes in Document(load_page(keeps).document.decode()).tags
        if "data-keeps" in attributes
    ]

    assert found == ["null", '{"originals": true, "days": 90.0}']


def test_lines_are_those_of_the_files() -> None:
    """Indentation and lines of comments are not sent; the other lines keep their numbers."""
    for url, sent in load_page().assets.items():
        source = (Path("app/page/static") / url.rpartition("/")[2]).read_text().split("\n")
        for line, original in zip(sent.decode().split("\n"), source, strict=True):
            text = original.lstrip()
            assert line == text or (not line and re.match("//|/\\*", text))
