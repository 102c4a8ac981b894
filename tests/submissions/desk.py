"""A form and who works on it."""

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from foundation import kept
from organisations.enums import Role
from submissions.models import Submission
from tests import factories as make


class Desk:
    """A zone's form and who works on it; a post carries every field, as a browser's does."""

    def __init__(self, zone=None, code: str = make.QUARTER) -> None:
        self.zone = zone or make.make_zone("namur")
        self.code = code
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        make.make_round(code)

    @property
    def url(self) -> str:
        return reverse("report", args=[self.code, self.zone.slug])

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone, self.code)

    @property
    def cells(self):
        return make.cells_of(self.submission)

    def client(self, user) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        return client

    def fields(self, client: Client, **typed: str) -> dict[str, str]:
        """The form's own values, with what is typed over them: ``c12_numerator="5"``."""
        context = client.get(self.url).context
        return {**self.values(context), **{k.replace("_", "-", 1): v for k, v in typed.items()}}

    def values(self, context) -> dict[str, str]:
        form = context["form"]
        values = {
            "token": context["token"],
            "seal": kept.seal(context["user"].pk, context["request"].path),
            "version": str(context["submission"].version),
        }
        for row in form.rows.values():
            values[row.name("version")] = str(row.shown_version)
            for part, text in row.typed.items():
                if text:
                    values[row.name(part)] = text
        return values

    def post(self, user, action: str = "save", **typed: str):
        client = self.client(user)
        return client.post(self.url, {**self.fields(client, **typed), "action": action})


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response) -> list[tuple[str, str]]:
    return [(each["label"], each["message"]) for each in response.context["form"].errors]


def cell_names(desk: Desk) -> list[str]:
    return [f"c{cell.pk}" for cell in desk.cells]
