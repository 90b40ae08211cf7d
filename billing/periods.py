"""Which month a document belongs to (billing-rules 0.5)."""

from datetime import date

from portal.months import Month


def belongs_to(day: date, first_open: Month | None) -> Month:
    """The month of the day, or the first month not posted where that one is past (0.5).

    `day` is a bill's `period_end` or the date of a top-up, transfer or correction; `first_open` is
    the community's first month that is not posted, None before its first close. Months are posted
    without a gap, so whatever lies before `first_open` is posted or before the community's first.
    """
    month = Month.of(day)
    return month if first_open is None else max(month, first_open)
