from django.urls import include, path

from . import views
from .actions import views as action_views
from .uptake import views as uptake_views

actions = [
    path("", action_views.ActionList.as_view(), name="action-list"),
    path("new/", action_views.ActionWrite.as_view(), name="action-create"),
    path("<int:pk>/", action_views.ActionDetail.as_view(), name="action-detail"),
    path("<int:pk>/change/", action_views.ActionWrite.as_view(), name="action-change"),
    path("<int:pk>/state/", action_views.ActionStateChange.as_view(), name="action-state"),
    path("<int:pk>/delete/", action_views.ActionDelete.as_view(), name="action-delete"),
    path(
        "<int:pk>/milestones/<int:milestone>/",
        action_views.MilestoneReached.as_view(),
        name="milestone-reached",
    ),
]

uptake = [
    path("", uptake_views.UptakeOverview.as_view(), name="uptake-overview"),
    path("<str:code>/", uptake_views.ObjectiveUptake.as_view(), name="objective-uptake"),
]

zonal_plans = [
    path("", uptake_views.ZonalPlanList.as_view(), name="zonal-plan-list"),
    path("<slug:slug>/", uptake_views.ZonalPlanDetail.as_view(), name="zonal-plan-detail"),
    path("<slug:slug>/change/", uptake_views.ZonalPlanChange.as_view(), name="zonal-plan-change"),
]

urlpatterns = [
    path("", views.PlanDetail.as_view(), name="plan-detail"),
    path("themes/<str:code>/", views.ThemeDetail.as_view(), name="theme-detail"),
    path("actions/", include(actions)),
    path("uptake/", include(uptake)),
    path("zonal-plans/", include(zonal_plans)),
    path("dimensions/", views.DimensionList.as_view(), name="dimension-list"),
    path("dimensions/<slug:code>/", views.DimensionDetail.as_view(), name="dimension-detail"),
    path("objectives/<str:code>/amend/", views.ObjectiveAmend.as_view(), name="objective-amend"),
    path("objectives/<str:code>/", views.ObjectiveDetail.as_view(), name="objective-detail"),
]
