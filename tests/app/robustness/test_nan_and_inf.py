"""NaN and infinity in images and JSON."""

import json
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.app.conftest import Client
from tests.support.pictures import encode, two


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 3e38, -3e38])
@pytest.mark.parametrize("everywhere", [True, False])
def test_an_image_with_nan_gives_finite_numbers(
    client: Client, value: float, everywhere: bool
) -> None:
    """A float TIFF with NaN, infinite or very large pixels gives finite numbers or an error."""
    pixels = np.asarray(two(), dtype=np.float32).copy()
    pixels[slice(None) if everywhere else (3, 5)] = value
    picture = encode(Image.fromarray(pixels), "TIFF")

    answer = client.post("/v1/predictions?include=input&include=explanation", content=picture)

    assert answer.status_code in (200, 422)
    assert not {"NaN", "Infinity"} & set(answer.text.replace(":", ",").split(","))
    if answer.status_code == 200:
        content = json.loads(answer.text, parse_constant=_refuse)
        assert sum(content["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("body", [b"NaN", b'{"image": NaN}', b'{"image": -Infinity}'])
def test_json_with_nan_is_refused(client: Client, body: bytes) -> None:
    """A JSON body with NaN or Infinity gets 400, in valid JSON."""
    answer = client.post(
        "/v1/predictions", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert json.loads(answer.text, parse_constant=_refuse)["status"] == 400


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
