"""Undefined variables in our own templates fail the test instead of leaving a hole in the page."""

import sys
from pathlib import Path
from types import FrameType

from django.template.base import Node

OURS = str(Path(__file__).resolve().parent.parent / "templates")


class FailWhenUndefined(str):
    """Django's `string_if_invalid`: it asks for "%s" in it and then formats the variable's name in."""

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: object) -> str:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            node = frame.f_locals.get("self")
            if isinstance(node, Node) and hasattr(node, "origin"):
                if str(node.origin.name).startswith(OURS):
                    raise AssertionError(f"Undefined variable {variable!s} in {node.origin.name}")
                return ""
            frame = frame.f_back
        return ""
