"""The pages of rooms below the admin; residents' pages are in facilities/urls.py."""

from facilities.views import calendar, use

PAGES = [
    ("", calendar.week, "rooms_calendar"),
    ("<int:pk>/step/", calendar.step, "rooms_step"),
    ("use/", use.use, "rooms_use"),
]
