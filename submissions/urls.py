"""Reporting (report/) and controlling (review/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/", views.Work.as_view(), name="work"),
    path("report/cells/<int:pk>/", views.CellHistory.as_view(), name="cell-history"),
    path("report/cells/<int:pk>/files/", views.CellFiles.as_view(), name="cell-files"),
    path("report/files/<uuid:key>/", views.EvidenceFile.as_view(), name="evidence-file"),
    path("report/files/<uuid:key>/remove/", views.RemoveEvidence.as_view(), name="evidence-remove"),
    path("report/about-us/", views.AboutUs.as_view(), name="about-us"),
    path("report/about-us/<int:pk>/", views.FigureAboutUs.as_view(), name="about-us-figure"),
    path("report/remarks/<int:pk>/", views.AnswerRemark.as_view(), name="remark-answer"),
    path("report/<str:code>/<slug:slug>/", views.Report.as_view(), name="report"),
    path("review/", views.Queue.as_view(), name="review-queue"),
    path("review/<int:pk>/", views.Review.as_view(), name="review"),
    path("review/<int:pk>/validate/", views.Validate.as_view(), name="review-validate"),
    path("review/<int:pk>/return/", views.SendBack.as_view(), name="review-return"),
]
