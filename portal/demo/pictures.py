"""Made-up pictures of rooms, drawn from a few shapes, so that a demo page shows where photos go."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 720)
FLOOR_LINE = 430
WALLS = {
    "market": "#dcebf5",
    "canteen": "#f4ecd9",
    "studio": "#f5e6e4",
    "studio-live": "#e3e1ee",
    "books": "#f4ecd9",
    "hall": "#e7efe9",
    "flowers": "#f7e9ef",
    "steps": "#e6eef5",
    "care": "#e7efe9",
    "children": "#fbefd5",
    "terrace": "#dcebf5",
}
WOOD, DEEP, GREEN, RED, BLUE = "#d9c4a5", "#8f7350", "#7ba58c", "#c9605f", "#7c9cba"
WHITE, INK, LIGHT = "#fffdf8", "#4a5a6a", "#fff6d6"

Draw = ImageDraw.ImageDraw


def interior(kind: str) -> BytesIO:
    """One room of a kind, as a PNG."""
    picture = Image.new("RGB", SIZE, WALLS[kind])
    draw = ImageDraw.Draw(picture)
    is_outside = kind in ("market", "terrace")
    draw.rectangle((0, FLOOR_LINE, *SIZE), fill="#cfdcc4" if is_outside else "#e9dcc6")
    if not is_outside:
        _window(draw, 90)
        _window(draw, 330)
    SCENES[kind](draw)
    written = BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return written


def _window(draw: Draw, x: int) -> None:
    draw.rectangle((x, 90, x + 190, 300), fill=WHITE, outline=INK, width=6)
    draw.rectangle((x + 10, 100, x + 180, 290), fill="#cfe4f2")
    draw.line((x + 95, 90, x + 95, 300), fill=INK, width=6)


def _table(draw: Draw, x: int, y: int, width: int = 240, top: str = WOOD) -> None:
    draw.rectangle((x + 20, y + 24, x + 34, y + 120), fill=DEEP)
    draw.rectangle((x + width - 34, y + 24, x + width - 20, y + 120), fill=DEEP)
    draw.rounded_rectangle((x, y, x + width, y + 28), 10, fill=top)


def _chair(draw: Draw, x: int, y: int, colour: str) -> None:
    draw.rounded_rectangle((x, y, x + 60, y + 70), 12, fill=colour)
    draw.rectangle((x + 8, y + 70, x + 16, y + 120), fill=DEEP)
    draw.rectangle((x + 44, y + 70, x + 52, y + 120), fill=DEEP)


def _person(draw: Draw, x: int, y: int, colour: str) -> None:
    draw.ellipse((x + 14, y, x + 54, y + 40), fill="#e8c6a6")
    draw.rounded_rectangle((x, y + 44, x + 68, y + 160), 30, fill=colour)


def _shelf(draw: Draw, x: int) -> None:
    draw.rectangle((x, 80, x + 300, FLOOR_LINE), fill=WOOD, outline=DEEP, width=6)
    for row in range(4):
        top = 92 + row * 86
        for book in range(11):
            colour = (RED, BLUE, GREEN, WHITE, INK)[(book * 3 + row) % 5]
            draw.rectangle(
                (x + 14 + book * 25, top + (book % 3) * 8, x + 34 + book * 25, top + 72), fill=colour
            )
        draw.rectangle((x, top + 72, x + 300, top + 80), fill=DEEP)


def _market(draw: Draw) -> None:
    draw.ellipse((740, 70, 860, 190), fill=LIGHT)
    for number, colour in enumerate((RED, GREEN, BLUE)):
        x = 60 + number * 300
        for stripe in range(6):
            draw.rectangle(
                (x + stripe * 40, 250, x + stripe * 40 + 40, 320), fill=colour if stripe % 2 else WHITE
            )
        draw.rectangle((x + 10, 320, x + 20, 560), fill=DEEP)
        draw.rectangle((x + 220, 320, x + 230, 560), fill=DEEP)
        _table(draw, x, 500)
        _person(draw, x + 80, 360, (BLUE, RED, GREEN)[number])


def _canteen(draw: Draw) -> None:
    draw.rectangle((590, 110, 910, 380), fill=WHITE, outline=INK, width=6)
    _person(draw, 660, 190, WHITE)
    _person(draw, 770, 190, WHITE)
    draw.rectangle((570, 350, 930, 430), fill=RED)
    for x in (60, 340):
        _table(draw, x, 520)
        draw.ellipse((x + 60, 496, x + 120, 522), fill=WHITE, outline=INK, width=3)
        draw.ellipse((x + 140, 496, x + 200, 522), fill=WHITE, outline=INK, width=3)


def _studio(draw: Draw) -> None:
    _shelf(draw, 610)
    _table(draw, 120, 500, 420)
    for x in (140, 260, 380):
        _person(draw, x, 360, (GREEN, BLUE, RED)[x // 140 % 3])
    _table(draw, 120, 500, 420)


def _live(draw: Draw) -> None:
    draw.rounded_rectangle((560, 100, 900, 400), 16, fill=RED)
    draw.ellipse((130, 320, 250, 440), outline=LIGHT, width=18)
    draw.line((190, 440, 190, 640), fill=INK, width=10)
    _person(draw, 690, 330, GREEN)
    _table(draw, 580, 480, 300)


def _hall(draw: Draw) -> None:
    draw.rectangle((580, 80, 920, FLOOR_LINE), fill="#cfe4f2", outline=INK, width=6)
    for number in range(4):
        x = 90 + number * 210
        draw.rounded_rectangle((x, 600, x + 170, 640), 14, fill=(GREEN, RED, BLUE, DEEP)[number])
        _person(draw, x + 50, 450, (RED, BLUE, GREEN, INK)[number])


def _flowers(draw: Draw) -> None:
    _table(draw, 90, 500, 780)
    for number in range(5):
        x = 140 + number * 150
        draw.polygon([(x, 430), (x + 70, 430), (x + 55, 500), (x + 15, 500)], fill=BLUE)
        for dx, dy, colour in ((35, 340, RED), (5, 370, "#e59cb0"), (65, 370, LIGHT)):
            draw.line((x + 35, 432, x + dx, dy + 20), fill=GREEN, width=6)
            draw.ellipse((x + dx - 22, dy - 22, x + dx + 22, dy + 22), fill=colour)


def _steps(draw: Draw) -> None:
    draw.rectangle((560, 80, 900, 290), fill=WHITE, outline=INK, width=8)
    for row in range(4):
        y = 400 + row * 80
        draw.rectangle((0, y, SIZE[0], y + 80), fill=("#dcc9a8", "#d2bd99")[row % 2])
        for number in range(7):
            _chair(draw, 60 + number * 125, y - 50, BLUE if (row + number) % 5 else GREEN)


def _care(draw: Draw) -> None:
    draw.rounded_rectangle((560, 470, 900, 560), 20, fill=WHITE, outline=INK, width=4)
    draw.rounded_rectangle((580, 440, 680, 490), 18, fill=BLUE)
    for x in (100, 300):
        _chair(draw, x, 470, GREEN)
        _person(draw, x - 4, 350, RED if x > 200 else BLUE)


def _children(draw: Draw) -> None:
    _shelf(draw, 620)
    for number, colour in enumerate((RED, GREEN, BLUE)):
        x = 70 + number * 180
        draw.rounded_rectangle((x, 560, x + 140, 590), 8, fill=LIGHT)
        draw.ellipse((x + 44, 440, x + 94, 490), fill="#e8c6a6")
        draw.rounded_rectangle((x + 34, 492, x + 104, 560), 24, fill=colour)


def _terrace(draw: Draw) -> None:
    draw.ellipse((90, 60, 200, 170), fill=LIGHT)
    draw.line((0, 380, SIZE[0], 380), fill=INK, width=8)
    for x in range(20, SIZE[0], 60):
        draw.line((x, 380, x, FLOOR_LINE), fill=INK, width=4)
    draw.polygon([(520, 260), (880, 260), (700, 140)], fill=RED)
    draw.line((700, 260, 700, 620), fill=DEEP, width=12)
    _table(draw, 580, 540)
    for x in (60, 220):
        draw.rectangle((x, 560, x + 130, 640), fill=DEEP)
        draw.ellipse((x + 5, 480, x + 125, 580), fill=GREEN)


SCENES: dict[str, Callable[[Draw], None]] = {
    "market": _market,
    "canteen": _canteen,
    "studio": _studio,
    "studio-live": _live,
    "books": _studio,
    "hall": _hall,
    "flowers": _flowers,
    "steps": _steps,
    "care": _care,
    "children": _children,
    "terrace": _terrace,
}
