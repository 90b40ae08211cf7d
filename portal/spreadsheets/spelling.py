"""How people write months, dates, yes and no, in either language."""

import re

MONTH = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?")
DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
YES = ("是", "1", "true", "yes", "√")
NO = ("否", "0", "false", "no", "×")
