"""Reporting (report/) and controlling (review/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/", views.Work.as_view(), name="work"),
    path("report/cells/<int:pk>/", views.CellHistory.as_view(), name="cell-history"),
    path("report/<str:code>/<slug:slug>/", views.Report.as_view(), name="report"),
    path("report/<str:code>/<slug:slug>/cells/", views.SaveCells.as_view(), name="report-cells"),
    path("review/", views.Queue.as_view(), name="review-queue"),
    path("review/<int:pk>/", views.Review.as_view(), name="review"),
    path("review/<int:pk>/validate/", views.Validate.as_view(), name="review-validate"),
    path("review/<int:pk>/return/", views.SendBack.as_view(), name="review-return"),
    # Last: an indicator's code is any word that no address above takes.
    path(
        "report/<str:code>/<slug:slug>/<slug:indicator>/",
        views.ReportGrid.as_view(),
        name="report-grid",
    ),
]
