"""Numbers that are none: refused or left out, and never in an answer."""

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
def test_a_picture_of_them_has_an_answer_of_numbers(
    client: Client, value: float, everywhere: bool
) -> None:
    """A float TIFF with one such pixel, or nothing else."""
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
def test_json_of_them_is_refused(client: Client, body: bytes) -> None:
    """400, in JSON that every parser reads."""
    answer = client.post(
        "/v1/predictions", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert json.loads(answer.text, parse_constant=_refuse)["status"] == 400


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
