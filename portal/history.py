"""The history of rows that people edit: kept by triggers, written once, told in words.

Event tables are filled once a statement, not once a row, so that rows written by COPY stay cheap.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pghistory
import pgtrigger
from celery import Task
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

M = TypeVar("M", bound=type[models.Model])
WRITING = ("POST", "PUT", "PATCH", "DELETE")  # a GET writes no row that people edit


def tracked(*, exclude: Iterable[str] = (), fields: Sequence[str] | None = None) -> Callable[[M], M]:
    """Keep what every row was, with each change; personal fields are named in `exclude`."""

    def keep(model: M) -> M:
        track = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            fields=list(fields) if fields else None,
            exclude=list(exclude),
            obj_field=pghistory.ObjForeignKey(related_name="+", db_index=False),
            append_only=True,
            model_name=f"{model.__name__}Event",
            level=pgtrigger.Statement,
            meta={"default_permissions": (), "indexes": [models.Index(fields=["pgh_obj", "-pgh_id"])]},
        )
        return track(model)

    return keep


def event_model(model: type[models.Model]) -> type[models.Model] | None:
    """Return the table of a model's history, None where none is kept."""
    kept = pghistory.core._registered_trackers  # the public listing walks every model of the site
    return kept.get((model._meta.concrete_model, "update"))


class HistoryMiddleware:
    """Say to the history who writes, from which page: a user's key and a page's name, nothing more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in WRITING:
            return self.get_response(request)
        with pghistory.context(user=request.user.pk, page=_page(request)):
            return self.get_response(request)


def _page(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


class LabelledTask(Task):
    """A job says its name to the history of what it writes."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with pghistory.context(job=self.name):
            return super().__call__(*args, **kwargs)
