"""Border objects: components that are no digit, as frames, lines, a neighbour, a table's corner."""

from model_core.preprocessing.digit.cut_offs import is_cut_off
from model_core.preprocessing.digit.frames import is_frame
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags

# A component touches the border if it is within 1 / this of the picture's side of it.
# Chosen so that the blurred end of a stroke does.
BORDER_ZONE_DIVISOR = 40


def is_border_object(components: ComponentProperties) -> Flags:
    """Tell which components run along the border, or are cut off by it."""
    border_objects: Flags = is_frame(components) | is_cut_off(components)
    return border_objects


def touches_border(components: ComponentProperties) -> Flags:
    """Tell which components reach the border, or come very near it."""
    tall, wide = components.shape
    down, across = tall // BORDER_ZONE_DIVISOR, wide // BORDER_ZONE_DIVISOR
    touching: Flags = (
        (components.top <= down)
        | (components.left <= across)
        | (components.bottom >= tall - 1 - down)
        | (components.right >= wide - 1 - across)
    )
    return touching
