"""The rules of the house, held by a test: direction of imports, size, scope, exactness, no leftovers."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import allauth
import pytest
from django.apps import apps
from django.db import models
from pghistory.models import Event

from portal.access import ScopedQuerySet

BASE = Path(__file__).resolve().parent.parent
OURS = ("portal", "facilities", "residents", "services", "billing")
LINES, FUNCTION_LINES = 400, 40

# What each application may import; the ground of the portal is for all, its top for nobody below.
GROUND = {
    "access",
    "admin_base",
    "admin_filters",
    "audit",
    "changes",
    "charts",
    "connections",
    "embedded",
    "errors",
    "history",
    "htmx",
    "inputs",
    "jobs",
    "listing",
    "local_secrets",
    "models",
    "money",
    "months",
    "notifications",
    "personal",
    "processes",
    "settings",
    "signing_in",
    "sms",
    "trigger_operations",
    "spreadsheets",
    "unfold",
    "visible",
}
BELOW = {
    "facilities": set(),
    "residents": {"facilities"},
    "services": {"facilities", "residents"},
    "billing": {"facilities", "residents", "services"},
}

# Everybody may know what kinds of service there are.
WITHOUT_SCOPE = {
    "portal.Export": "a file is for whoever asked for it",
    "portal.Upload": "a previewed file is for whoever sent it",
    "facilities.Holiday": "the official days off are the same for everybody",
    "facilities.Category": "the nine functions are the same for everybody",
    "portal.User": "accounts are administered by region_admin through their access roles",
}

# Results of a draft go when it is computed anew; a person's roles, memberships and messages go with the account.
CASCADES = {
    "billing.BillSharing.close",
    "billing.Charge.close",
    "billing.CloseBatch.run",
    "billing.CommunityMonth.close",
    "billing.Rebate.close",
    "billing.Share.sharing",
    "portal.AccessRole.user",
    "portal.ChannelChoice.user",
    "portal.Delivery.message",
    "portal.Message.to",
    "services.ProviderMember.provider",
    "services.ProviderMember.user",
}


@cache
def tracked() -> list[Path]:
    """Every file that is or will be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=True).stdout
    return [BASE / name for name in names.splitlines() if (BASE / name).is_file()]


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(BASE).parts[0] in folders
        and "migrations" not in path.parts
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports_of(path: Path):
    """Modules that a file imports, with the names taken from them as submodules they may be."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE))


def is_ground(path: Path) -> bool:
    parts = path.relative_to(BASE).parts
    return parts[0] == "portal" and parts[1].removesuffix(".py") in GROUND


def wrong_import(path: Path, module: str) -> bool:
    top, _, rest = module.partition(".")
    home = path.relative_to(BASE).parts[0]
    if top not in OURS or top == home != "portal":
        return False
    part = rest.partition(".")[0]
    if home == "portal":
        return is_ground(path) and (top != "portal" or part not in GROUND)
    return part not in GROUND if top == "portal" else top not in BELOW[home]


def test_imports_point_one_way():
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in python_files(*OURS)
        for module in imports_of(path)
        if wrong_import(path, module)
    ]

    assert wrong == []


def test_imports_are_absolute():
    relative = [
        name_of(path)
        for path in python_files(*OURS, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []


def test_no_file_is_longer_than_400_lines():
    long = {
        name_of(path): count
        for path in python_files(*OURS, "tests")
        if (count := len(path.read_text().splitlines())) > LINES
    }

    assert long == {}


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{name_of(path)}: {node.name} has {length}"
        for path in python_files(*OURS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        and (length := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]

    assert long == []


def test_nothing_is_named_after_how_it_is_built():
    vague = {"utils.py", "helpers.py", "managers.py", "services.py", "signals.py"}

    assert [name_of(path) for path in python_files(*OURS) if path.name in vague] == []


def our_models() -> list[type[models.Model]]:
    return [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if not issubclass(model, Event)  # history is asked for through its row (portal/changes.py)
    ]


def test_every_model_is_scoped_or_says_why_not():
    unscoped = {
        model._meta.label
        for model in our_models()
        if not isinstance(model._default_manager.get_queryset(), ScopedQuerySet)
    }

    assert unscoped == set(WITHOUT_SCOPE)


@pytest.mark.django_db
@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_scope_of_every_model_can_be_asked(model, django_user_model):
    user = django_user_model.objects.create(username="nobody")
    rows = model._default_manager.all()

    assert model._meta.label in WITHOUT_SCOPE or not rows.visible_to(user).exists()


def test_no_column_is_a_float():
    floats = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    ]

    assert floats == []


def test_billing_computes_without_floats():
    floats = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("billing")
        if path.parts[-2] not in ("bench", "commands")  # clocks and progress bars are no money
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        or isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
    ]

    assert floats == []


def test_rows_with_money_or_history_are_never_deleted_along():
    cascades = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.OneToOneField)
        and field.remote_field.on_delete is models.CASCADE
    }

    assert cascades == CASCADES


def test_no_model_overrides_save_and_nothing_listens_to_signals():
    text = {name_of(path): path.read_text() for path in python_files(*OURS)}
    savers = [model._meta.label for model in our_models() if "save" in vars(model) or "delete" in vars(model)]
    listeners = [name for name, code in text.items() if re.search(r"@receiver|post_save|pre_save", code)]

    assert savers == []
    assert listeners == []


def templates() -> list[Path]:
    return [path for path in tracked() if "templates" in path.parts and path.suffix == ".html"]


def test_every_template_is_used():
    spoken_for = "\n".join(path.read_text() for path in [*templates(), *python_files(*OURS)])
    theirs = Path(allauth.__file__).parent / "templates"
    by_django = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
    unused = [
        name
        for path in templates()
        if (name := str(path).split("templates/", 1)[1]) not in by_django
        and not name.startswith(("admin/", "unfold/"))
        and not (theirs / name).is_file()
        and f'"{name}"' not in spoken_for
    ]

    assert unused == []


def test_every_fragment_says_what_it_needs():
    silent = [
        name_of(path)
        for path in templates()
        if (path.name.startswith("_") or "components" in path.parts)
        and not any(line.startswith("{# ") for line in path.read_text().splitlines()[:2])
    ]

    assert silent == []


# Built from parts, so that this file does not hold what it looks for.
LEFTOVERS = [
    "TO" + "DO",
    "FIX" + "ME",
    "XX" + "X",
    "/home/" + "[a-z]",
    "/" + "work/",
    "pypi" + r"\.org",
    "registry" + r"\.npmjs",
    "files" + r"\.pythonhosted",
    "BEGIN " + ".*PRIVATE " + "KEY",
]


@pytest.mark.parametrize("leftover", LEFTOVERS)
def test_nothing_of_a_workbench_is_left_in_a_file(leftover):
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if re.search(leftover, text):
            found.append(name_of(path))

    assert found == []
