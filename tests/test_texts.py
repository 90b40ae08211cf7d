"""What people read can be read in English: no Chinese text stands outside the catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from portal.management.commands.translations import translation_of
from tests.test_consistency import OURS, name_of, python_files, templates, tree_of

HAN = re.compile("[\u4e00-\u9fff]")
WIDE = re.compile("[\u4e00-\u9fff（）：，、。；]")
MARKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}

# Chinese that is data, or is said in both languages before there is a catalogue.
AS_IT_IS = {
    "billing/city/standing.py": "made-up names",
    "facilities/models/regions.py": "endings of official names",
    "portal/demo/houses.py": "the rooms of four communities, in their own words",
    "portal/demo/months.py": "the words of a made-up objection",
    "portal/demo/neighbours.py": "what the demo's residents say",
    "portal/demo/people.py": "names of the demo's accounts",
    "portal/demo/places.py": "names of real places",
    "portal/demo/plans.py": "what the three centres are, in their own words",
    "portal/demo/programme.py": "what goes on in the demo's rooms",
    "portal/demo/rooms.py": "what the demo says of its own pictures",
    "portal/demo/weeks.py": "the demo's neighbours and rooms",
    "portal/icons.py": "said in both languages",
    "portal/local_secrets.py": "said in both languages",
    "portal/management/commands/serve.py": "said in both languages",
    "portal/management/commands/translations.py": "speaks of the catalogue to its makers",
    "portal/processes.py": "said in both languages",
    "portal/settings.py": "said in both languages",
    "portal/spreadsheets/spelling.py": "how people write dates, yes and no",
}

TEMPLATE_MARKS = re.compile(
    r"""\{\#.*?\#\}
    | \{%\s*comment.*?endcomment\s*%\}
    | \{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\}
    | \{%\s*trans(?:late)?\s.*?%\}
    | _\("[^"]*"\)""",
    re.DOTALL | re.VERBOSE,
)
SAMPLES = {"中文", '{{ "1204.500"|quantity:"度" }}'}  # the language switch's own word; a sample of a unit


def is_marked(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) in MARKS


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_command_help(node: ast.AST) -> bool:
    """What a command says of itself to whoever runs the portal."""
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == "help" for target in node.targets)
    return isinstance(node, ast.keyword) and node.arg == "help"


def unmarked(node: ast.AST, *, in_command: bool) -> Iterator[ast.Constant]:
    """Chinese literals under a node that no call to gettext encloses."""
    for child in ast.iter_child_nodes(node):
        if is_marked(child) or is_docstring(child) or (in_command and is_command_help(child)):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and HAN.search(child.value):
            yield child
        yield from unmarked(child, in_command=in_command)


def in_code(path: Path) -> list[str]:
    found = unmarked(tree_of(path), in_command="commands" in path.parts)
    return [f"{name_of(path)}:{literal.lineno} {literal.value}" for literal in found]


def test_every_chinese_text_in_code_is_marked():
    found = [text for path in python_files(*OURS) if name_of(path) not in AS_IT_IS for text in in_code(path)]

    assert found == []


@pytest.mark.parametrize("name", sorted(AS_IT_IS))
def test_every_exception_is_still_needed(name):
    (path,) = [path for path in python_files(*OURS) if name_of(path) == name]

    assert in_code(path)


def test_every_chinese_text_in_templates_is_marked():
    found = []
    for path in templates():
        text = TEMPLATE_MARKS.sub("", path.read_text())
        for sample in SAMPLES:
            text = text.replace(sample, "")
        found += [f"{name_of(path)}: {line.strip()}" for line in text.splitlines() if WIDE.search(line)]

    assert found == []


def test_a_text_that_has_become_a_plural_is_translated_anew():
    catalog = Catalog()
    catalog.add("%d 条", "%d rows")

    assert translation_of(Message("%d 条"), catalog).string == "%d rows"
    assert translation_of(Message(("%d 条", "%d 条")), catalog) is None
