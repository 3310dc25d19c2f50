"""Tests of the property that is computed once."""

from model_core.preprocessing.image_ops.lazy_property import lazy_property


class Circle:
    """A thing with one lazy property."""

    def __init__(self, radius: int) -> None:
        self.radius = radius
        self.computed = 0

    @lazy_property
    def diameter(self) -> int:
        """The longest distance within."""
        self.computed += 1
        return 2 * self.radius


def test_is_computed_once_when_first_asked_for() -> None:
    """And not again."""
    circle = Circle(3)
    assert circle.computed == 0
    assert (circle.diameter, circle.diameter) == (6, 6)
    assert circle.computed == 1


def test_each_object_has_its_own() -> None:
    """The value is kept on the object, not on the class."""
    assert [circle.diameter for circle in (Circle(1), Circle(2))] == [2, 4]
