from django.urls import URLPattern, URLResolver, path

from . import downloads

urlpatterns: list[URLPattern | URLResolver] = [
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
]
