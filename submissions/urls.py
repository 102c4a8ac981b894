"""Reporting (report/) and controlling (review/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/", views.Work.as_view(), name="work"),
    path("report/cells/<int:pk>/", views.CellHistory.as_view(), name="cell-history"),
    path("report/cells/<int:pk>/correct/", views.AskCorrection.as_view(), name="correction-ask"),
    path(
        "report/corrections/<int:pk>/attest/",
        views.AttestCorrection.as_view(),
        name="correction-attest",
    ),
    path(
        "report/corrections/<int:pk>/withdraw/",
        views.WithdrawCorrection.as_view(),
        name="correction-withdraw",
    ),
    path("report/<str:code>/<slug:slug>/", views.Report.as_view(), name="report"),
    path(
        "report/<str:code>/<slug:slug>/withdraw/",
        views.Withdraw.as_view(),
        name="report-withdraw",
    ),
    path("review/", views.Queue.as_view(), name="review-queue"),
    path(
        "review/corrections/<int:pk>/",
        views.ReviewCorrection.as_view(),
        name="correction-review",
    ),
    path("review/selection/", views.Selection.as_view(), name="review-selection"),
    path("review/<int:pk>/", views.Review.as_view(), name="review"),
    path("review/<int:pk>/validate/", views.Validate.as_view(), name="review-validate"),
    path("review/<int:pk>/return/", views.SendBack.as_view(), name="review-return"),
]
