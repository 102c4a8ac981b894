"""Reporting (report/) and controlling (review/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/", views.Work.as_view(), name="work"),
    path("report/cells/<int:pk>/", views.CellHistory.as_view(), name="cell-history"),
    path("report/uploads/<uuid:key>/", views.UploadPage.as_view(), name="upload"),
    path("report/uploads/<uuid:key>/marked/", views.MarkedFile.as_view(), name="upload-marked"),
    path("report/<str:code>/<slug:slug>/", views.Report.as_view(), name="report"),
    path(
        "report/<str:code>/<slug:slug>/workbook/", views.Workbook.as_view(), name="report-workbook"
    ),
    path("report/<str:code>/<slug:slug>/upload/", views.UploadFile.as_view(), name="report-upload"),
    path(
        "report/<str:code>/<slug:slug>/<slug:indicator>/workbook/",
        views.Workbook.as_view(),
        name="indicator-workbook",
    ),
    path(
        "report/<str:code>/<slug:slug>/<slug:indicator>/upload/",
        views.UploadFile.as_view(),
        name="indicator-upload",
    ),
    path("review/", views.Queue.as_view(), name="review-queue"),
    path("review/<int:pk>/", views.Review.as_view(), name="review"),
    path("review/<int:pk>/validate/", views.Validate.as_view(), name="review-validate"),
    path("review/<int:pk>/return/", views.SendBack.as_view(), name="review-return"),
]
