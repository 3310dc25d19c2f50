"""Property that is computed when first asked for, and kept."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class lazy_property(Generic[Value]):  # noqa: N801 - named as functools.cached_property is
    """A property that is computed once, for objects with a ``__dict__`` in one thread.

    ``functools.cached_property`` takes a lock each time in Python 3.11, and twice as long.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        """Take the method that computes the value; its name is the property's."""
        self.compute, self.name = compute, compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Value:
        """Compute the value and keep it on the object, where Python finds it from then on."""
        value: Value = self.compute(instance)
        instance.__dict__[self.name] = value
        return value
