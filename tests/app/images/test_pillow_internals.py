"""Pillow's internals that the service uses."""

from operator import attrgetter
from types import ModuleType

import pytest

from app.images.pillow_internals import PILLOW_ATTRIBUTES


@pytest.mark.parametrize(("module", "name"), PILLOW_ATTRIBUTES, ids=lambda one: str(one))
def test_pillow_has_each_attribute(module: ModuleType, name: str) -> None:
    """Pillow has each internal attribute that the adapter uses."""
    assert attrgetter(name)(module) is not None
