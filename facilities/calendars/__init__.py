"""Calendars of other systems: fetched with care, read for their times alone, taken in as blocks."""
