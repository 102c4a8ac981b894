from django.urls import URLPattern, URLResolver, path

from . import coverage, discover, downloads, periods, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("progress/", views.ProgressOverview.as_view(), name="progress-overview"),
    path("progress/objectives/", views.ObjectiveStandings.as_view(), name="objective-standings"),
    path("progress/coverage/", coverage.ProgressCoverage.as_view(), name="progress-coverage"),
    path("progress/coverage/remind/", coverage.Remind.as_view(), name="coverage-remind"),
    path(
        "progress/coverage/coverage.<str:extension>",
        coverage.CoverageFile.as_view(),
        name="coverage-file",
    ),
    path(
        "progress/indicators/<slug:code>/",
        views.IndicatorDetail.as_view(),
        name="indicator-detail",
    ),
    path("progress/periods/", periods.PeriodList.as_view(), name="period-list"),
    path("progress/periods/<str:code>/close/", periods.PeriodClose.as_view(), name="period-close"),
    path(
        "progress/periods/<str:code>/reopen/", periods.PeriodReopen.as_view(), name="period-reopen"
    ),
    path("data/", downloads.DataDownload.as_view(), name="data-download"),
    path(
        "data/<slug:name>.xlsx",
        downloads.DownloadFile.as_view(),
        {"extension": "xlsx"},
        name="download-workbook",
    ),
    path(
        "data/<slug:name>.csv",
        downloads.DownloadFile.as_view(),
        {"extension": "csv"},
        name="download-csv",
    ),
    path("decouvrir", discover.Discover.as_view(), name="discover"),
    path("decouvrir/resultats", discover.DiscoverResults.as_view(), name="discover-results"),
    path("demo/enter/<int:pk>/", discover.DemoEnter.as_view(), name="demo-enter"),
]
