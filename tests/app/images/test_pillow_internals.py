"""Pillow's internals that the service uses."""

from operator import attrgetter
from types import ModuleType

import pytest
from PIL import TiffImagePlugin, _imaging

# Pairs of module and attribute: what app/images/pillow_internals.py uses.
PILLOW_ATTRIBUTES = (
    (_imaging, "map_buffer"),
    (_imaging, "zip_decoder"),
    (TiffImagePlugin, "TiffImageFile"),
    (TiffImagePlugin, "TILEWIDTH"),
    (TiffImagePlugin, "TILELENGTH"),
)


@pytest.mark.parametrize(("module", "name"), PILLOW_ATTRIBUTES, ids=lambda one: str(one))
def test_pillow_has_each_attribute(module: ModuleType, name: str) -> None:
    """Pillow has each internal attribute that the adapter uses."""
    assert attrgetter(name)(module) is not None
