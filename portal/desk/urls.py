from django.urls import path

from portal.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("statements/<month:month>/<path:ref>/", views.statement, name="statement"),
    path("revenue/<month:month>/<path:ref>/", views.revenue, name="revenue"),
]
