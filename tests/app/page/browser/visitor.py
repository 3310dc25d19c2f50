"""Input of a visitor: drawn strokes and picture files."""

import io

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page

from tests.app.page.browser.strokes import Stroke


def to_screen(page: Page, stroke: Stroke) -> Stroke:
    """Return the points of a stroke in screen coordinates."""
    pad = page.get_by_test_id("pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]


def smooth(stroke: Stroke) -> Stroke:
    """Interpolate the points of a stroke with a Catmull-Rom spline."""
    points = [stroke[0], *stroke, stroke[-1]]
    between = [
        (
            b
            + t * (c - a) / 2
            + t**2 * (2 * a - 5 * b + 4 * c - d) / 2
            + t**3 * (3 * (b - c) + d - a) / 2
        )
        for before, start, end, after in zip(
            points, points[1:], points[2:], points[3:], strict=False
        )
        for t in (0, 0.5)
        for a, b, c, d in zip(before, start, end, after, strict=True)
    ]
    return [*zip(between[::2], between[1::2], strict=True), stroke[-1]]


def draw(page: Page, strokes: list[Stroke], *, lift: bool = True) -> None:
    """Draw with the mouse; without ``lift`` the button stays pressed at the end."""
    for number, stroke in enumerate(strokes):
        first, *others = to_screen(page, smooth(stroke))
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point)
        if lift or number < len(strokes) - 1:
            page.mouse.up()


def draw_with_pen(page: Page, stroke: Stroke, force: float) -> None:
    """Draw with a pen at a pressure from 0 to 1."""
    session = page.context.new_cdp_session(page)
    points = to_screen(page, stroke)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 2), "mouseReleased"]
    for kind, (x, y) in zip(kinds, points, strict=True):
        pen = {"pointerType": "pen", "force": force, "button": "left", "buttons": 1}
        event = {"type": kind, "x": x, "y": y, "clickCount": 1, **pen}
        session.send("Input.dispatchMouseEvent", event)


def draw_with_finger(page: Page, strokes: list[Stroke]) -> None:
    """Draw with a finger on a touch screen."""
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        for number, (x, y) in enumerate(to_screen(page, stroke)):
            kind = "touchMove" if number else "touchStart"
            points = [{"x": x, "y": y}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def picture(strokes: list[Stroke], name: str = "scan.png", size: int = 120) -> FilePayload:
    """Return a PNG file of the strokes, dark on light."""
    image = Image.new("L", (size, size), 240)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [(x * size, y * size) for x, y in smooth(stroke)]
        pen.line(points, fill=40, width=size // 14, joint="curve")
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}
