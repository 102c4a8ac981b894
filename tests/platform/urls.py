"""Jalon's addresses and a page that fails."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as own


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("123 personnes: Dupont")


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [*own, path("fails/", fails), path("private/", private)]
