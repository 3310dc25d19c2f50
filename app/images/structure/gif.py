"""Check of a GIF file: the blocks before its first frame.

Source: GIF89a specification, sections 15 to 26.
"""

from app.images.structure.limits import GIF_BLOCKS, GIF_METADATA, GIF_PADDING

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
_HEADER_SIZE, _FLAGS_PLACE = 13, 10


def check_gif(gif: bytes) -> None:
    """Count the data blocks, and the bytes between blocks, before the first frame.

    Raises: UnreadableImageError if the file has more of an element than its limit.
    """
    if len(gif) < _HEADER_SIZE:
        return
    blocks = padding = 0
    place = _HEADER_SIZE + _palette_size(gif[_FLAGS_PLACE])
    while place < len(gif) and gif[place] not in (_IMAGE, _END):
        if gif[place] == _EXTENSION:
            place, blocks = _skip_extension(gif, place + 1, blocks)
        else:
            place, padding = place + 1, padding + 1
            GIF_PADDING.check(padding)
    GIF_METADATA.check(min(place, len(gif)))


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_extension(gif: bytes, place: int, blocks: int) -> tuple[int, int]:
    """Return the offset after an extension, and the number of blocks so far.

    The first block of an extension, and the second of one that says how often an animation is
    repeated, may be empty: Pillow reads on, and counts must not end before Pillow does.
    """
    label = gif[place : place + 1]
    first = place + 1
    may_be_empty = 0 if label == bytes([_COMMENT]) else 1
    if label == bytes([_APPLICATION]) and gif.startswith(b"NETSCAPE2.0", first + 1):
        may_be_empty = 2
    place, number = first, 0
    while place < len(gif):
        size = gif[place]
        place, number = place + 1 + size, number + 1
        GIF_BLOCKS.check(blocks + number)
        if size == 0 and number > may_be_empty:
            break
    return place, blocks + number
