"""What the API offers, as one page of our own made from its schema."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator


@login_not_required
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    schema = SchemaGenerator().get_schema(public=True)
    paths = sorted(schema["paths"].items())
    resources = [
        _resource(method, path, methods[method])
        for path, methods in paths
        for method in ("get", "post")
        if method in methods and not path.endswith("}/")
    ]
    return render(request, "api/docs.html", {"resources": resources})


def _resource(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    given = operation.get("parameters", [])
    return {
        "method": method.upper(),
        "path": path,
        "text": operation.get("description", ""),
        "filters": [parameter["name"] for parameter in given if parameter["in"] != "path"],
    }
