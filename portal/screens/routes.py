"""Which pages there are: the portal's own URL patterns, reached from the doors of each role."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

DOORS = ("/", "/admin/", "/desk/", "/dashboard/")
# What changes something, or is no page.
LEFT_OUT = ("logout", "setlang", "jsi18n", "autocomplete", "/r/", "static/", "media/", "schema")


def routes_without_arguments() -> list[str]:
    """Paths of all patterns that need nothing filled in."""
    return sorted({f"/{route}" for route in all_routes() if not set(route) & set("<(")} | {"/"})


def all_routes() -> Iterator[str]:
    """The patterns as `resolve` names them, without those that are left out."""
    for route in _below(get_resolver(), ""):
        if not any(part in f"/{route}" for part in LEFT_OUT):
            yield route


def _below(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix(r"\Z").removesuffix("$")
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _below(pattern, route)


def route_of(url: str) -> str | None:
    """The pattern a link leads to; None if it is not one of our pages."""
    path = urlsplit(url).path
    if any(part in path for part in LEFT_OUT):
        return None
    try:
        return resolve(path).route
    except Resolver404:
        return None


def file_name(path: str) -> str:
    return path.strip("/").replace("/", "_") or "home"
