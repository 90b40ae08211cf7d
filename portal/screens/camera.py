"""Walk the portal as one person, page by page, and take the pictures."""

import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Error, Page, sync_playwright

from portal.screens.routes import file_name, route_of

WIDTHS = (1440, 390)
HEIGHT = 900
TALLEST = 6000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page as one person saw it; the status is 0 where nothing could be shown."""

    person: str
    path: str
    route: str
    status: int
    width: int
    file: str = ""


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium on PATH, else Playwright's own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


class Walk:
    """One person's way through the portal: each pattern once, from the doors along the links."""

    def __init__(self, chromium: Browser, address: str, person: str, session: str, folder: Path) -> None:
        self.chromium, self.address, self.person = chromium, address, person
        self.session, self.folder = session, folder / person

    def shots(self, seeds: list[str]) -> Iterator[Shot]:
        """Walk in the first width, then show the same pages in the others."""
        first, *others = WIDTHS
        pages = []
        with self._page(first) as page:
            for shot in self._walk(page, seeds, first):
                if shot.file:
                    pages.append((shot.path, shot.route))
                yield shot
        for width in others:
            with self._page(width) as page:
                for path, route in pages:
                    yield self._shoot(page, path, route, width)

    def _walk(self, page: Page, seeds: list[str], width: int) -> Iterator[Shot]:
        waiting, seen = deque(seeds), set()
        while waiting:
            path = waiting.popleft()
            route = route_of(path)
            if route is None or route in seen:
                continue
            seen.add(route)
            shot = self._shoot(page, path, route, width)
            yield shot
            waiting.extend(self._links(page) if shot.file else [urlsplit(page.url).path])

    def _shoot(self, page: Page, path: str, route: str, width: int) -> Shot:
        status = self._visit(page, path)
        if status != 200 or urlsplit(page.url).path != path:
            return Shot(self.person, path, route, status, width)
        file = self.folder / str(width) / f"{file_name(path)}.png"
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        clip: Any = {"x": 0, "y": 0, "width": width, "height": max(height, HEIGHT)}
        page.screenshot(path=file, full_page=True, clip=clip)
        return Shot(self.person, path, route, status, width, str(file.relative_to(self.folder.parent)))

    def _visit(self, page: Page, path: str) -> int:
        """Open a page; downloads and data have no picture.

        Again after a moment, since an empty answer puts up an error page that interrupts the next visit.
        """
        for _attempt in range(3):
            try:
                response = page.goto(urljoin(self.address, path), wait_until="load")
            except Error:
                page.wait_for_timeout(200)
                continue
            is_page = response is not None and "html" in response.headers.get("content-type", "")
            return response.status if response and is_page else 0
        return 0

    def _links(self, page: Page) -> list[str]:
        hrefs: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        return [urlsplit(href).path for href in hrefs if href.startswith(self.address)]

    @contextmanager
    def _page(self, width: int) -> Iterator[Page]:
        context = self.chromium.new_context(
            viewport={"width": width, "height": HEIGHT},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            is_mobile=width < 600,
        )
        if self.session:
            context.add_cookies([{"name": "sessionid", "value": self.session, "url": self.address}])
        try:
            yield context.new_page()
        finally:
            context.close()
