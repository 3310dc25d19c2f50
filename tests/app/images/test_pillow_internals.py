"""What Pillow must provide beside its documented interface."""

from operator import attrgetter
from types import ModuleType

import pytest

from app.images.pillow_internals import PILLOW_ATTRIBUTES


@pytest.mark.parametrize(("module", "name"), PILLOW_ATTRIBUTES, ids=lambda one: str(one))
def test_pillow_has_what_is_used(module: ModuleType, name: str) -> None:
    """After an upgrade of Pillow: which attribute is missing, by name."""
    assert attrgetter(name)(module) is not None
