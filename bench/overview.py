"""The overview as a whole request, against its template rendered from ready values."""

from __future__ import annotations

from django.template import Context
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import reverse

from . import world
from .measure import Measure, taking_turns


def measure(runs: int = 15) -> Measure:
    client = Client(SERVER_NAME="localhost")
    client.force_login(world.reader())
    url = reverse("progress-overview")
    setup_test_environment()
    response = client.get(url)
    teardown_test_environment()
    if response.status_code != 200:
        raise RuntimeError(f"{url} answers {response.status_code}")
    template, values = response.templates[0], response.context[0].flatten()
    return taking_turns(
        f"overview page, {len(response.content) / 1024:.0f} KB",
        lambda: client.get(url),
        lambda: template.render(Context(values)),
        runs=runs,
    )
