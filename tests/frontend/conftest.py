import copy
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings


class ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Requests are not written to the test's output."""


def gallery_settings() -> override_settings:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    return override_settings(ROOT_URLCONF="tests.frontend.gallery", TEMPLATES=templates, DEMO=True)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a server that shows the gallery and the pages of text, without a database."""
    with gallery_settings():
        server = make_server("localhost", 0, get_wsgi_application(), ThreadedServer, QuietHandler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join(30)
