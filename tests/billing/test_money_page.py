"""docs/money.md names the one place of each rule, and the code there carries the rule's number."""

import re
from importlib import import_module
from inspect import getsource
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "money.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:billing|portal)\.[A-Za-z_.]+)`", PAGE)))
RULES = re.findall(r"^\| (\d\.\d+) \|.*\| (`[^|]+`) \|$", PAGE, re.MULTILINE)


def found(path):
    """The module, function or class behind a dotted path."""
    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _dot, name = path.rpartition(".")
        return getattr(import_module(module), name)


@pytest.mark.parametrize("path", NAMED)
def test_what_the_page_names_exists(path):
    assert found(path) is not None


@pytest.mark.parametrize(("number", "places"), RULES)
def test_the_place_of_a_rule_carries_its_number(number, places):
    for path in re.findall(r"`([^`]+)`", places):
        place = found(path)
        source = getsource(place if callable(place) else import_module(path.rpartition(".")[0]))

        assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", source), path


def test_no_rule_is_missing_from_the_page():
    numbers = {number for number, _places in RULES}
    sections = {
        "0": range(1, 6),
        "1": range(1, 7),
        "2": range(10),
        "3": range(1, 4),
        "4": range(1, 11),
        "5": range(1, 6),
        "6": range(1, 6),
    }

    assert numbers == {f"{section}.{rule}" for section, rules in sections.items() for rule in rules}
