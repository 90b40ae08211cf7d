"""Who is told when something changes that a month is computed from: changes below, listeners above."""

from collections.abc import Callable, Iterable

_listeners: list[Callable[[list[str]], object]] = []


def tell_changes_to(listener: Callable[[list[str]], object]) -> None:
    """Call this with the codes of the communities whose inputs changed; once, from an app's `ready`."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed(codes: Iterable[str]) -> None:
    """Say that inputs of these communities changed, inside the transaction that changed them."""
    unique = sorted({code for code in codes if code})
    if not unique:
        return
    for listener in _listeners:
        listener(unique)
