"""Clients that stay connected and start together, for races by the thousand."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Racers:
    """Threads with a connection each; every race begins at one barrier."""

    def __init__(self, number: int) -> None:
        self._calls = [queue.SimpleQueue() for _index in range(number)]
        self._results: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._start = threading.Barrier(number)
        self._threads = [threading.Thread(target=self._work, args=[index]) for index in range(number)]

    def __enter__(self) -> "Racers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        for calls in self._calls:
            calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self, index: int) -> None:
        while call := self._calls[index].get():
            self._start.wait()
            try:
                result = call()
            except Exception as error:  # noqa: BLE001 - handed to the test
                result = error
            self._results.put((index, result))
        connection.close()

    def race(self, *calls: Callable[[], Any]) -> list[Any]:
        """One result or error a caller, in their order."""
        for waiting, call in zip(self._calls, calls, strict=True):
            waiting.put(call)
        return [
            result
            for _index, result in sorted((self._results.get() for _call in calls), key=lambda pair: pair[0])
        ]
