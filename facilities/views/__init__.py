"""The pages of rooms below the admin; residents' pages are in facilities/urls.py."""

from facilities.views import calendar, check_in, use

PAGES = [
    ("", calendar.week, "rooms_calendar"),
    ("<int:pk>/step/", calendar.step, "rooms_step"),
    ("<int:pk>/poster/", check_in.poster, "rooms_poster"),
    ("use/", use.use, "rooms_use"),
]
