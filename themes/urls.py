from django.urls import path

from . import views

urlpatterns = [
    path("", views.PlanDetail.as_view(), name="plan-detail"),
    path("themes/<str:code>/", views.ThemeDetail.as_view(), name="theme-detail"),
    path("objectives/<str:code>/", views.ObjectiveDetail.as_view(), name="objective-detail"),
]
