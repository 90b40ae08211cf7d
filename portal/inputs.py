"""Who is told when something changes that a month is computed from: changes below, listeners above."""

from collections.abc import Iterable
from typing import Any, Protocol

from django.apps import apps


class Listener(Protocol):
    def __call__(self, codes: list[str], *, by: Any = None) -> object: ...


_listeners: list[Listener] = []


def tell_changes_to(listener: Listener) -> None:
    """Call this with the codes of the communities whose inputs changed; once, from an app's `ready`."""
    if listener not in _listeners:
        _listeners.append(listener)


def hold(codes: Iterable[str]) -> None:
    """Let no month of these communities be posted while their inputs change; before the first write."""
    apps.get_model("facilities", "Community").objects.hold(code for code in codes if code)


def changed(codes: Iterable[str], *, by: Any = None) -> None:
    """Say that inputs of these communities changed, inside the transaction that changed them."""
    unique = sorted({code for code in codes if code})
    if not unique:
        return
    for listener in _listeners:
        listener(unique, by=by)
