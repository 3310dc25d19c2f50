"""The page: complete, self-contained, accessible, and well-formed."""

from html.parser import HTMLParser

import pytest

from model_core.weights import Pretrained
from tests.training.report.samples import SEVEN, obedient, shown
from training.data.mnist import Mnist
from training.report.figures import Picture
from training.report.filters import first_filters
from training.report.findings import examine
from training.report.page import percent, render_page

PICTURE = Picture("what it shows", b"light", b"dark")
VOID = {"meta", "link", "img", "source", "br"}


class Page(HTMLParser):
    """The tags and the text of a page; raises AssertionError if a tag is closed out of turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and that it has to be closed."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take the closing of the last tag that is open."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add to the text, if it is to be read."""
        if self._open and self._open[-1] != "style":
            self.text += " ".join(data.split()) + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each tag of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def render(
    pretrained: Pretrained, mnist: Mnist = SEVEN, *, curves: bool = True, name: str = "mine"
) -> str:
    """Return the page with stand-ins for the figures."""
    titles = ["confusion", "reliability", "filters", *(["curves"] if curves else [])]
    pictures = dict.fromkeys(titles, PICTURE)
    filters = first_filters(pretrained.classifier)
    return render_page(name, pretrained, examine(pretrained, mnist), pictures, filters)


def test_the_page_needs_nothing_beside_it() -> None:
    """No script, and whatever is referred to is a data: URL."""
    html = render(obedient())
    page = Page(html)

    assert not page.all("script")
    assert "http" not in html
    for _, attributes in page.tags:
        for key in ("src", "srcset", "href"):
            assert (attributes.get(key) or "data:").startswith("data:")
    assert "url(" not in html


def test_every_picture_has_words_for_it() -> None:
    """An alt text on each image, in both themes the same."""
    page = Page(render(obedient()))

    images = page.all("img")
    assert len(images) == 4 + 2 * 2  # figures, and two pictures of each of two mistakes
    assert all(image["alt"] for image in images)
    assert len(page.all("source")) == 4


def test_every_mistake_is_on_it_with_all_its_probabilities() -> None:
    """Truth, answer and number of each, and a probability per label."""
    pretrained = obedient()
    page = Page(render(pretrained))

    for mistake in examine(pretrained, SEVEN).mistakes:
        heading = f"{mistake.truth} taken for {mistake.answer} test image {mistake.number}"
        assert heading in page.text
        for probability in mistake.probabilities:
            assert percent(probability) in page.text.replace(" %", "\u00a0%")


def test_the_digits_are_on_it_one_by_one() -> None:
    """How many of each were wrong, and what they were taken for."""
    page = Page(render(obedient(), shown((0, 0), (1, 2), (1, 2), (1, 0), (2, 2))))

    assert "0 of 1 " in page.text
    assert "3 of 3; taken for 2 (2\N{MULTIPLICATION SIGN}), 0 " in page.text


def test_a_model_without_history_says_so() -> None:
    """No learning curve, but the sentence."""
    page = Page(render(obedient(history=()), curves=False))

    assert "No learning curve was recorded" in page.text
    assert "No learning curve was recorded" not in Page(render(obedient())).text


def test_a_model_without_mistakes_says_so() -> None:
    """All right: a sentence in the place of the mistakes."""
    page = Page(render(obedient(), shown((0, 0), (1, 1), (2, 2))))

    assert "Every test image was recognised." in page.text
    assert len(page.all("img")) == 4


def test_what_the_file_says_is_text_not_markup() -> None:
    """A card or a file name with HTML in it is shown as it is."""
    evil = "<script>alert(1)</script>"

    page = Page(render(obedient(recipe={"name": evil, evil: evil}), name=evil))

    assert not page.all("script")
    assert page.text.count(evil) >= 4


def test_a_recipe_without_a_name_is_no_obstacle() -> None:
    """Weights from elsewhere may have another recipe."""
    assert "recipe unknown" in Page(render(obedient(recipe={}))).text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.00 %"),
        (1e-9, "< 0.01 %"),
        (0.00006, "0.01 %"),
        (0.12345, "12.35 %"),
        (0.99994, "99.99 %"),
        (0.99999, "> 99.99 %"),
        (1, "100.00 %"),
    ],
)
def test_rounding_never_makes_all_or_nothing(share: float, text: str) -> None:
    """Only 0 is 0 %, only 1 is 100 %; the sign stays with its number."""
    assert percent(share) == text.replace(" %", "\u00a0%")
