"""Reporting (report/), controlling (review/) and the rounds (rounds/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/", views.Work.as_view(), name="work"),
    path("report/calendar/", views.CalendarAddress.as_view(), name="calendar-address"),
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
    path("report/cells/<int:pk>/files/", views.CellFiles.as_view(), name="cell-files"),
    path("report/files/<uuid:key>/", views.EvidenceFile.as_view(), name="evidence-file"),
    path("report/files/<uuid:key>/remove/", views.RemoveEvidence.as_view(), name="evidence-remove"),
    path("report/about-us/", views.AboutUs.as_view(), name="about-us"),
    path("report/about-us/<int:pk>/", views.FigureAboutUs.as_view(), name="about-us-figure"),
    path("report/remarks/<int:pk>/", views.AnswerRemark.as_view(), name="remark-answer"),
    path("report/uploads/<uuid:key>/", views.UploadPage.as_view(), name="upload"),
    path("report/uploads/<uuid:key>/marked/", views.MarkedFile.as_view(), name="upload-marked"),
    path("report/<str:code>/<slug:slug>/", views.Report.as_view(), name="report"),
    path(
        "report/<str:code>/<slug:slug>/more-time/", views.AskForTime.as_view(), name="extension-ask"
    ),
    path("calendar/<str:token>.ics", views.Calendar.as_view(), name="calendar"),
    path("rounds/", views.RoundList.as_view(), name="round-list"),
    path("rounds/plan/", views.RoundPlan.as_view(), name="round-plan"),
    path("rounds/requests/<int:pk>/refuse/", views.RefuseTime.as_view(), name="extension-refuse"),
    path("rounds/extensions/<int:pk>/end/", views.EndExtension.as_view(), name="extension-end"),
    path("rounds/<str:code>/", views.RoundDetail.as_view(), name="round-detail"),
    path("rounds/<str:code>/change/", views.RoundChange.as_view(), name="round-change"),
    path("rounds/<str:code>/remove/", views.RoundRemove.as_view(), name="round-remove"),
    path("rounds/<str:code>/<slug:slug>/more-time/", views.MoreTime.as_view(), name="more-time"),
    path(
        "report/<str:code>/<slug:slug>/withdraw/",
        views.Withdraw.as_view(),
        name="report-withdraw",
    ),
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
    path("report/<str:code>/<slug:slug>/cells/", views.SaveCells.as_view(), name="report-cells"),
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
    # Last: an indicator's code is any word that no address above takes.
    path(
        "review/<int:pk>/<slug:indicator>/",
        views.ReviewDefinition.as_view(),
        name="review-definition",
    ),
    path(
        "report/<str:code>/<slug:slug>/<slug:indicator>/<slug:subject>/",
        views.ReportRow.as_view(),
        name="report-row",
    ),
    path(
        "report/<str:code>/<slug:slug>/<slug:indicator>/",
        views.ReportGrid.as_view(),
        name="report-grid",
    ),
]
