"""What places and months look like in an address; anything else is not found."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from portal import months


class CodeConverter(StringConverter):
    regex = "[0-9]{12}"


class MonthConverter(StringConverter):
    regex = months.PATTERN


register_converter(CodeConverter, "code")
register_converter(MonthConverter, "month")
