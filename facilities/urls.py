from django.urls import path

from facilities.views import rooms

urlpatterns = [
    path("rooms/", rooms.rooms, name="rooms"),
    path("rooms/<int:pk>/", rooms.room, name="room"),
    path("bookings/", rooms.my_bookings, name="my_bookings"),
    path("bookings/<int:pk>/step/", rooms.my_booking_step, name="my_booking_step"),
]
