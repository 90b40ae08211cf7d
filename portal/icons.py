"""The icons in use; `python -m portal.icons` gathers them from @tabler/icons into one sprite."""

import re
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
OUTLINES = BASE_DIR / "node_modules/@tabler/icons/icons/outline"
SPRITE = BASE_DIR / "portal/static/portal/icons.svg"

ICONS = (
    "alert-triangle",
    "arrow-right",
    "baby-carriage",
    "ban",
    "barbell",
    "bell",
    "bolt",
    "book",
    "building",
    "building-bank",
    "building-community",
    "building-store",
    "calculator",
    "calendar-event",
    "calendar-month",
    "certificate",
    "chart-bar",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "circle-check",
    "circle-x",
    "clock",
    "cloud-off",
    "coin-yuan",
    "device-desktop",
    "device-mobile",
    "download",
    "droplet",
    "eye",
    "file-invoice",
    "file-text",
    "filter",
    "fingerprint",
    "flame",
    "flower",
    "gauge",
    "hand-stop",
    "help-circle",
    "history",
    "home",
    "horse-toy",
    "hourglass",
    "inbox",
    "info-circle",
    "key",
    "language",
    "list",
    "list-check",
    "lock",
    "login-2",
    "logout",
    "mail",
    "map",
    "map-pin",
    "menu-2",
    "message-circle",
    "message-report",
    "minus",
    "moon",
    "old",
    "pencil",
    "percentage",
    "phone",
    "plant-2",
    "plus",
    "printer",
    "receipt",
    "receipt-yuan",
    "refresh",
    "scale",
    "school",
    "scissors",
    "search",
    "settings",
    "shield-check",
    "speakerphone",
    "stethoscope",
    "sun",
    "text-size",
    "tool",
    "tools-kitchen-2",
    "trending-down",
    "trending-up",
    "upload",
    "user",
    "user-circle",
    "users",
    "wallet",
    "x",
)

_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BOUNDS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def symbol(name: str) -> str:
    """One icon as a symbol of the sprite, without the invisible square around it."""
    body = _BODY.search((OUTLINES / f"{name}.svg").read_text("utf-8"))
    shapes = " ".join(_BOUNDS.sub("", body[1] if body else "").split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def missing() -> list[str]:
    """Icons listed here that the package does not have."""
    return [name for name in ICONS if not (OUTLINES / f"{name}.svg").is_file()]


def build() -> None:
    if not OUTLINES.is_dir():
        sys.exit("没有找到 @tabler/icons：请先运行 make setup。 (@tabler/icons is missing: make setup)")
    if missing():
        sys.exit(f"@tabler/icons 中没有：{'、'.join(missing())}。 (Not in @tabler/icons.)")
    symbols = "\n".join(symbol(name) for name in ICONS)
    SPRITE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n', "utf-8")


if __name__ == "__main__":
    build()
