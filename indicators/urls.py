from django.urls import URLPattern, URLResolver, include, path

from . import amendment_views
from .codebook import downloads, views

questions = [
    path("", views.QuestionList.as_view(), name="question-list"),
    path("<int:pk>/change/", views.QuestionChange.as_view(), name="question-change"),
    path("<int:pk>/withdraw/", views.QuestionWithdraw.as_view(), name="question-withdraw"),
    path("<int:pk>/answer/", views.QuestionAnswer.as_view(), name="question-answer"),
]

codebook: list[URLPattern | URLResolver] = [
    path("", views.CodebookList.as_view(), name="codebook-list"),
    path("download", downloads.CodebookDownload.as_view(), name="codebook-download"),
    path("questions/", include(questions)),
    path("<slug:code>/", views.CodebookDetail.as_view(), name="codebook-detail"),
    path("<slug:code>/ask/", views.QuestionAsk.as_view(), name="codebook-ask"),
    path("<slug:code>/amend/", amendment_views.DefinitionAmend.as_view(), name="definition-amend"),
    path("<slug:code>/path/", amendment_views.PathAmend.as_view(), name="path-amend"),
]

urlpatterns = [path("data/codebook/", include(codebook))]
