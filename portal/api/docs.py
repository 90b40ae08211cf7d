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
    resources = [_resource(path, methods["get"]) for path, methods in paths if not path.endswith("}/")]
    return render(request, "api/docs.html", {"resources": resources})


def _resource(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    given = operation.get("parameters", [])
    return {
        "path": path,
        "text": operation.get("description", ""),
        "filters": [parameter["name"] for parameter in given if parameter["in"] == "query"],
    }
