from django.urls import path

from portal.site import (
    bills,
    chooser,
    converters,  # noqa: F401 - registers what <code:…> and <month:…> mean
    facilities,
    funds,
    home,
    inbox,
    months,
    notices,
    objections,
    photos,
    preferences,
    projects,
    regions,
    roles,
    styleguide,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("regions/<code:code>/", regions.region, name="region"),
    path("communities/", chooser.communities, name="communities"),
    path("communities/<code:code>/", months.community, name="community"),
    path("communities/<code:code>/<month:month>/", months.community_month, name="month"),
    path("communities/<code:code>/<month:month>/bills/<path:ref>/", bills.bill, name="bill"),
    path("communities/<code:code>/<month:month>/funds/<slug:name>/", funds.fund, name="fund"),
    path("communities/<code:code>/<month:month>/notice/", notices.notice, name="notice"),
    path("communities/<code:code>/<month:month>/objections/", objections.month_objections, name="objections"),
    path("facilities/<int:pk>/", facilities.facility, name="facility"),
    path("facilities/<int:pk>/idle/", facilities.idle, name="facility_idle"),
    path("facilities/<int:pk>/norms/", facilities.norms, name="facility_norms"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("photos/<uuid:key>/<slug:size>/", photos.photo, name="photo"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox_read"),
    path("inbox/<int:pk>/", inbox.message, name="message"),
    path("inbox/channels/", inbox.channels, name="channels"),
    path("role/", roles.role, name="role"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
