"""Structural mutants of every format get a result or an AppError, in bounded time."""

import random
from contextlib import suppress
from time import process_time

import pytest

from app.errors import AppError
from app.images.decoder import draft_jpeg, open_image
from app.images.greyscale import to_grey
from tests.support.mutations import corpus, mutants
from tests.support.structure_mutations import intact, mutate_structure

# The largest body that the service accepts by default.
_MOST_BYTES = 20_000_000
_SECONDS = 5


@pytest.mark.parametrize("name", corpus())
def test_a_file_taken_apart_is_put_together_again(name: str) -> None:
    """Splitting and joining a file without a change keeps its pixels."""
    file = corpus()[name]

    whole = [to_grey(open_image(one, max_pixels=10_000)) for one in (file, intact(file))]

    assert (whole[0] == whole[1]).all()


def test_structural_mutants_are_the_same_for_a_seed() -> None:
    """The same seed gives the same mutants, another seed others."""
    first, again, other = (list(mutants(70, seed=seed, most_bytes=10_000)) for seed in (3, 3, 4))

    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "BMP of runs", "WebP", "TIFF of strips"])
def test_mutants_are_large_and_small(name: str) -> None:
    """Mutants of a file of each format are of all sizes up to the largest one."""
    chance = random.Random(1)
    sizes = [len(mutate_structure(corpus()[name], chance, most_bytes=300_000)) for _ in range(60)]

    assert 50_000 < max(sizes) < 700_000
    assert len(set(sizes)) > 20


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", corpus())
def test_structural_mutants_are_answered(name: str) -> None:
    """Each mutant, of up to 20 MB, gives grey pixels or an AppError within some seconds."""
    chance = random.Random(name)

    for _ in range(6):
        file = mutate_structure(corpus()[name], chance, most_bytes=_MOST_BYTES)
        began = process_time()
        with suppress(AppError):
            image = open_image(file, max_pixels=25_000_000)
            draft_jpeg(image)
            to_grey(image)
        assert process_time() - began < _SECONDS
