from django.urls import path

from facilities.views import check_in, feeds, rooms

urlpatterns = [
    path("rooms/", rooms.rooms, name="rooms"),
    path("rooms/<int:pk>/", rooms.room, name="room"),
    path("rooms/<int:pk>/<str:signature>.ics", feeds.feed, name="room_feed"),
    path("rooms/<int:pk>/here/<str:signature>/", check_in.here, name="room_here"),
    path("bookings/", rooms.my_bookings, name="my_bookings"),
    path("bookings/<int:pk>/step/", rooms.my_booking_step, name="my_booking_step"),
]
