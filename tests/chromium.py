"""The browser of the journeys: the Chromium on PATH, else Playwright's own; `python -m tests.chromium` sees to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "浏览器测试需要 Chromium 和中文字体：apt install chromium fonts-noto-cjk"
    " (The browser tests need Chromium and a Chinese font.)"
)


def on_path() -> str | None:
    """The first Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def is_there() -> bool:
    """Whether a browser can start: one on PATH, else one that Playwright brought."""
    if on_path():
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def main() -> int:
    """Leave a browser ready: found, or installed where root may; otherwise say what to install."""
    if is_there():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("安装浏览器… (a browser for the tests)\n")
        for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(
                ["apt-get", "-q", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.DEVNULL,
                check=False,
            )
    if on_path():
        return 0
    sys.stderr.write(MISSING + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
