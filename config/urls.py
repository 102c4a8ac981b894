"""The addresses of every page, app by app."""

from django.contrib import admin
from django.urls import include, path

from foundation import views
from foundation.health import healthz

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("search/", views.Search.as_view(), name="search"),
    path("state/", views.State.as_view(), name="state"),
    path("state/<int:pk>/try-again/", views.TryAgain.as_view(), name="state-try-again"),
    path("healthz", healthz, name="healthz"),
    path("", include("foundation.urls")),
    path("", include("organisations.urls")),
    path("plan/", include("plans.urls")),
    path("plan/", include("themes.urls")),
    path("", include("indicators.urls")),
    path("", include("submissions.urls")),
    path("", include("progress.urls")),
    path("admin/", admin.site.urls),
]
