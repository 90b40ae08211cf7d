from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from portal.api import bookings, docs, views

router = SimpleRouter()
router.register("regions", views.RegionViewSet, "region")
router.register("communities", views.CommunityViewSet, "community")
router.register("spaces", views.SpaceViewSet, "space")
router.register("bookings", bookings.BookingViewSet, "booking")
router.register("months", views.CommunityMonthViewSet, "month")
router.register("region-months", views.RegionMonthViewSet, "region-month")
router.register("shares", views.ShareViewSet, "share")
router.register("charges", views.ChargeViewSet, "charge")
router.register("rebates", views.RebateViewSet, "rebate")

app_name = "api"
urlpatterns = [
    path("", docs.docs, name="docs"),
    path("schema/", login_not_required(SpectacularAPIView.as_view(permission_classes=[])), name="schema"),
    path("", include(router.urls)),
]
