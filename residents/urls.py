from django.urls import path

from residents.views import me, needs

urlpatterns = [
    path("me/", me.me, name="me"),
    path("me/join/", me.join, name="me_join"),
    path("me/move/", me.move, name="me_move"),
    path("me/change/", me.change, name="me_change"),
    path("me/family/", me.family_add, name="me_family"),
    path("me/family/<int:pk>/remove/", me.family_remove, name="me_family_remove"),
    path("me/consents/", me.my_consents, name="me_consents"),
    path("me/data.<slug:form>", me.my_data, name="me_data"),
    path("me/erase/", me.erase, name="me_erase"),
    path("needs/", needs.needs, name="needs"),
]
