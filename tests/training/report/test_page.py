"""The HTML page: complete, self-contained, accessible, well-formed."""

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
    """Parsed tags and text of a page; AssertionError for badly nested tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record a tag, and open it unless it is void."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the last open tag."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add visible text."""
        if self._open and self._open[-1] != "style":
            self.text += " ".join(data.split()) + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all tags with a name."""
        return [attributes for name, attributes in self.tags if name == tag]


def render(
    pretrained: Pretrained, mnist: Mnist = SEVEN, *, curves: bool = True, name: str = "mine"
) -> str:
    """Return the page with placeholders for the figures."""
    titles = ["confusion", "reliability", "filters", *(["curves"] if curves else [])]
    pictures = dict.fromkeys(titles, PICTURE)
    filters = first_filters(pretrained.classifier)
    return render_page(name, pretrained, examine(pretrained, mnist), pictures, filters)


def test_the_page_needs_nothing_beside_it() -> None:
    """The page has no script, and refers to data: URLs only."""
    html = render(obedient())
    page = Page(html)

    assert not page.all("script")
    assert "http" not in html
    for _, attributes in page.tags:
        for key in ("src", "srcset", "href"):
            assert (attributes.get(key) or "data:").startswith("data:")
    assert "url(" not in html


def test_every_picture_has_a_text_alternative() -> None:
    """Each image has a text alternative, the same in both themes."""
    page = Page(render(obedient()))

    images = page.all("img")
    assert len(images) == 4 + 2 * 2  # figures, and two pictures of each of two mistakes
    assert all(image["alt"] for image in images)
    assert len(page.all("source")) == 4


def test_every_mistake_is_on_it_with_all_its_probabilities() -> None:
    """Each mistake has label, answer, index, and a probability per label."""
    pretrained = obedient()
    page = Page(render(pretrained))

    for mistake in examine(pretrained, SEVEN).mistakes:
        heading = f"{mistake.truth} taken for {mistake.answer} test image {mistake.number}"
        assert heading in page.text
        for probability in mistake.probabilities:
            assert percent(probability) in page.text.replace(" %", "\u00a0%")


def test_the_digits_are_on_it_one_by_one() -> None:
    """Each digit has its number of mistakes and its wrong answers."""
    page = Page(render(obedient(), shown((0, 0), (1, 2), (1, 2), (1, 0), (2, 2))))

    assert "0 of 1 " in page.text
    assert "3 of 3; taken for 2 (2\N{MULTIPLICATION SIGN}), 0 " in page.text


def test_a_model_without_history_says_so() -> None:
    """Without a history there is a sentence in place of the learning curves."""
    page = Page(render(obedient(history=()), curves=False))

    assert "No learning curve was recorded" in page.text
    assert "No learning curve was recorded" not in Page(render(obedient())).text


def test_a_model_without_mistakes_says_so() -> None:
    """Without mistakes there is a sentence in their place."""
    page = Page(render(obedient(), shown((0, 0), (1, 1), (2, 2))))

    assert "Every test image was classified correctly." in page.text
    assert len(page.all("img")) == 4


def test_what_the_file_says_is_text_not_markup() -> None:
    """HTML in a card or a file name is escaped."""
    evil = "<script>alert(1)</script>"

    page = Page(render(obedient(recipe={"name": evil, evil: evil}), name=evil))

    assert not page.all("script")
    assert page.text.count(evil) >= 4


def test_a_recipe_without_a_name_is_no_obstacle() -> None:
    """A recipe without a name is shown as unknown."""
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
    """Only 0 is shown as 0 %, only 1 as 100 %; the sign is never wrapped."""
    assert percent(share) == text.replace(" %", "\u00a0%")
