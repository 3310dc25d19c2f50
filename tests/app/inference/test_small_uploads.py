"""Uploads of a batch that are processed together get the results of each alone."""

import pytest
from numpy.testing import assert_array_equal

from app.inference.pipeline import Pipeline
from app.inference.small_uploads import process_together
from app.inference.types import Preparation
from tests.app.inference.test_pipeline import INLINE, LARGE, LIMITS
from tests.support.pictures import as_bytes, encode, negative, two


@pytest.fixture
def pipeline() -> Pipeline:
    """Return a pipeline."""
    return Pipeline(LIMITS)


def test_images_of_a_batch_are_processed_as_alone(pipeline: Pipeline) -> None:
    """Of a batch, what is processed together gets the result of an upload alone; None the rest."""
    uploads = [*INLINE.values(), encode(negative(two(28))), *LARGE.values(), b"", as_bytes()]

    results = process_together(pipeline, uploads, Preparation())

    assert [place for place, one in enumerate(results) if one] == [0, len(INLINE), len(uploads) - 1]
    for one, data in zip(results, uploads, strict=True):
        alone = pipeline.normalise_inline(data, Preparation()) if one else None
        if one is not None and alone is not None:
            assert_array_equal(one.normalised.pixels, alone.normalised.pixels)
            assert one.normalised.steps == alone.normalised.steps
            assert one.source_pixels == alone.source_pixels
            assert 0 < one.decode_seconds < 0.1 > one.preprocess_seconds > 0


def test_another_preparation_or_limit_is_for_each_image_alone(pipeline: Pipeline) -> None:
    """Rotated images, unnormalised ones and those over the limit are not processed together."""
    small = Pipeline(LIMITS._replace(max_pixels=783))

    assert process_together(pipeline, [as_bytes()], Preparation(normalise=False)) == [None]
    assert process_together(pipeline, [as_bytes()], Preparation(rotate="90")) == [None]
    assert process_together(small, [as_bytes()], Preparation()) == [None]
