"""The pages of rooms below the admin; residents' pages are in facilities/urls.py."""

from facilities.views import calendar, check_in, use

PAGES = [
    ("", calendar.week, "rooms_calendar"),
    ("touched/", calendar.touched, "rooms_touched"),
    ("bookings/<int:pk>/", calendar.booking, "rooms_booking"),
    ("<int:pk>/step/", calendar.step, "rooms_step"),
    ("<int:pk>/poster/", check_in.poster, "rooms_poster"),
    ("<int:pk>/feed/", check_in.renew_feed, "rooms_feed_renew"),
    ("use/", use.use, "rooms_use"),
]
