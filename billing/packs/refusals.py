"""What only the database noticed, told like every other problem of a pack."""

from django.apps import apps
from django.db import DatabaseError
from django.utils.translation import gettext as _

from billing.packs.problems import Problem

TRY_AGAIN = {"40001", "40P01", "55P03", "57014"}


def told(error: DatabaseError) -> list[Problem] | None:
    """The problem behind an error of the database; None where it is no answer to the pack's content."""
    cause = error.__cause__
    state = getattr(cause, "pgcode", None)
    if not state:
        return None
    if state in TRY_AGAIN:
        return [Problem("", None, "", "", _("有人正在改同样的数据，请稍后再导入一次。"))]
    if state[:2] not in ("22", "23", "P0"):  # data, constraints, triggers
        return None
    detail = getattr(cause, "diag", None)
    constraint = getattr(detail, "constraint_name", None) or ""
    said = getattr(detail, "message_primary", None) or str(error)
    return [Problem("", None, "", "", _message(constraint) or _("数据库不接受：%s") % said)]


def _message(name: str) -> str:
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return ""
