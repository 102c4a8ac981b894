"""Two editors, two posts, one session: each change once, and nothing typed is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from organisations.enums import Role
from submissions.enums import State
from submissions.models import Measurement
from tests import factories as make
from tests.factories import figure
from tests.submissions.desk import Desk, cell_names, errors, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    make.make_indicator("checks", decimals=0)
    make.make_indicator("visits")
    return Desk()


def test_the_second_editor_sees_both_versions_and_chooses(desk):
    first, second = cell_names(desk)
    slow = desk.client(desk.approver)
    fields = desk.fields(slow)
    desk.post(desk.reporter, **{f"{first}_numerator": "126"})
    typed = {f"{first}-numerator": "130", f"{second}-numerator": "7"}
    page = slow.post(desk.url, {**fields, **typed, "action": "save"})
    assert page.status_code == 200
    row = page.context["form"].rows[desk.cells[0].pk]
    assert (row.mine_text, row.theirs_text) == ("130", "126")
    assert str(desk.reporter) in page.content.decode()
    assert [cell.current.numerator for cell in desk.cells] == [126, 7]
    told = "Compare and choose.</strong> 1 other figure that you typed is saved."
    assert told in page.content.decode()
    again = {**desk.values(page.context), "action": "save", f"{first}-seen": "1"}
    undecided = slow.post(desk.url, again)
    assert undecided.context["form"].conflicting != []
    assert "other figure" not in undecided.content.decode()
    chosen = {**desk.values(undecided.context), "action": "save", f"{first}-seen": "1"}
    assert slow.post(desk.url, {**chosen, f"{first}-choice": "mine"}).status_code == 302
    assert desk.cells[0].current.numerator == 130


def test_what_is_saved_beside_an_attestation_that_came_second_is_said_to_be(desk):
    first, second = cell_names(desk)
    slow = desk.client(desk.approver)
    fields = desk.fields(slow, **{f"{first}_numerator": "5"})
    desk.post(desk.reporter, **{f"{second}_numerator": "126"})
    attest = {"action": "attest", "statement": "1"}
    page = slow.post(desk.url, {**fields, **attest})
    assert page.status_code == 409
    assert [cell.current.numerator for cell in desk.cells] == [5, 126]
    assert desk.submission.state == State.DRAFT
    text = page.content.decode()
    assert "What you typed here is saved, but nothing is sent" in text
    assert "Nothing of what you asked was done" not in text
    again = slow.post(desk.url, {**fields, **attest, "token": "another page"})
    assert "Nothing of what you asked was done" in again.content.decode()


def test_taking_the_saved_one_writes_nothing(desk):
    first, _second = cell_names(desk)
    slow = desk.client(desk.approver)
    fields = desk.fields(slow)
    desk.post(desk.reporter, **{f"{first}_numerator": "126"})
    typed = {f"{first}-numerator": "130", f"{first}-choice": "theirs"}
    assert slow.post(desk.url, {**fields, **typed}).status_code == 302
    assert [each.numerator for each in Measurement.objects.all()] == [126]


def test_the_same_post_twice_is_one_change(desk):
    first, _second = cell_names(desk)
    client = desk.client(desk.reporter)
    fields = {**desk.fields(client, **{f"{first}_numerator": "5"}), "action": "save"}
    answers = [client.post(desk.url, fields) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert Measurement.objects.count() == 1
    assert desk.submission.version == 1


def test_the_same_attestation_twice_is_one(desk):
    client = desk.client(desk.approver)
    make.enter(desk.reporter, desk.submission, figure(5))
    fields = {**desk.fields(client), "action": "attest", "statement": "1"}
    answers = [client.post(desk.url, fields) for _time in range(2)]
    assert [answer["Location"] for answer in answers] == [reverse("work")] * 2
    assert desk.submission.transitions.filter(after=State.SUBMITTED).count() == 1


def test_attesting_again_from_another_page_is_no_error(desk):
    first, _second = cell_names(desk)
    make.enter(desk.reporter, desk.submission, figure(5))
    client = desk.client(desk.approver)
    fields = [
        {**desk.fields(client), "action": "attest", "statement": "1"} for _page in ("one", "other")
    ]
    # What the first page saves before it attests, the other one does not have.
    fields[0][f"{first}-numerator"] = "6"
    answers = [client.post(desk.url, each) for each in fields]
    assert [answer["Location"] for answer in answers] == [reverse("work")] * 2
    assert said(answers[1])[-1] == "You have done this already."
    assert desk.submission.transitions.count() == 1
    typed = [{f"{first}-numerator": text} for text in ("7", "x")]
    for more in (*typed, {"maintain_reason": "They are right"}):
        answer = client.post(desk.url, {**fields[1], "token": str(more), **more})
        assert (answer.status_code, "You took this step yourself" in answer.text) == (409, True)
    other = desk.client(make.make_user(Role.APPROVER, desk.zone, name="deputy"))
    answer = other.post(desk.url, {**fields[1], "token": "other"})
    assert (answer.status_code, "Somebody was quicker" in answer.text) == (409, True)


def test_a_wrong_post_twice_shows_the_same_and_saves_once(desk):
    first, second = cell_names(desk)
    client = desk.client(desk.reporter)
    typed = {f"{first}_numerator": "5", f"{second}_numerator": "x"}
    fields = {**desk.fields(client, **typed), "action": "save"}
    answers = [client.post(desk.url, fields) for _time in range(2)]
    assert errors(answers[0]) == errors(answers[1])
    assert [errors(answer)[0][0] for answer in answers] == ["Visits", "Visits"]
    assert Measurement.objects.count() == 1


def test_a_wrong_post_again_after_it_was_sent_is_told_so(desk):
    first, second = cell_names(desk)
    client = desk.client(desk.reporter)
    typed = {f"{first}_numerator": "5", f"{second}_numerator": "x"}
    fields = {**desk.fields(client, **typed), "action": "save"}
    client.post(desk.url, fields)
    make.attested(desk.approver, desk.submission, figure(5))
    assert client.post(desk.url, fields).status_code == 409


def test_another_content_with_the_same_token_is_refused_and_kept(desk):
    first, _second = cell_names(desk)
    client = desk.client(desk.reporter)
    fields = {**desk.fields(client, **{f"{first}_numerator": "5"}), "action": "save"}
    client.post(desk.url, fields)
    other = client.post(desk.url, {**fields, f"{first}-numerator": "6"})
    assert other.status_code == 409
    assert desk.cells[0].current.numerator == 5
    row = client.get(desk.url).context["form"].rows[desk.cells[0].pk]
    assert row.typed["numerator"] == "6"


def test_what_was_typed_before_the_session_expired_is_there_after_sign_in(desk):
    first, _second = cell_names(desk)
    client = desk.client(desk.reporter)
    fields = {**desk.fields(client, **{f"{first}_numerator": "126"}), "action": "save"}
    client.logout()
    expired = client.post(desk.url, fields)
    assert expired.status_code == 302
    assert expired["Location"] == f"{reverse('account_login')}?next={desk.url}"
    assert said(expired) == ["Your session expired. Sign in: what you typed is kept for an hour."]
    assert Measurement.objects.count() == 0
    someone_else = desk.client(desk.approver).get(desk.url)
    assert someone_else.context["restored"] is False
    client.force_login(desk.reporter)
    client.head(desk.url)
    client.get(desk.url)
    page = client.get(desk.url)
    assert page.context["restored"] is True
    assert page.context["form"].rows[desk.cells[0].pk].typed["numerator"] == "126"
    saved = client.post(desk.url, {**desk.values(page.context), "action": "save"})
    assert saved.status_code == 302
    assert desk.cells[0].current.numerator == 126
    assert client.get(desk.url).context["restored"] is False


def test_what_was_typed_before_does_not_come_back_over_what_was_saved_since(desk):
    first, second = cell_names(desk)
    client = desk.client(desk.reporter)
    typed = {f"{first}_numerator": "101", f"{second}_numerator": "7"}
    fields = {**desk.fields(client, **typed), "action": "save"}
    client.logout()
    client.post(desk.url, fields)
    client.force_login(desk.reporter)
    one = {name: said for name, said in fields.items() if not name.startswith(f"{second}-")}
    cells = reverse("report-cells", args=[desk.code, desk.zone.slug])
    for text in ("x", "105"):
        mark = {"token": f"mark-{text}", "user": str(desk.reporter.pk)}
        assert client.post(cells, {**one, f"{first}-numerator": text, **mark}).status_code == 200
        page = client.get(desk.url).context
        shown = [row.typed["numerator"] for row in page["form"].rows.values()]
        # What could not be read was not saved: the earlier typing still waits.
        assert shown == (["101", "7"] if text == "x" else ["105", "7"])
    rest = {name: said for name, said in fields.items() if not name.startswith(f"{first}-")}
    assert (
        client.post(cells, {**rest, "token": "rest", "user": desk.reporter.pk}).status_code == 200
    )
    page = client.get(desk.url).context
    assert not page["restored"]
    assert [row.typed["numerator"] for row in page["form"].rows.values()] == ["105", "7"]


def test_a_sign_in_in_another_tab_keeps_what_this_one_had(desk):
    """The token of the first tab is no longer good; its seal is."""
    first, _second = cell_names(desk)
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.reporter)
    fields = {**desk.fields(client, **{f"{first}_numerator": "126"}), "action": "save"}
    fields.pop("csrfmiddlewaretoken", None)
    refused = client.post(desk.url, fields)
    assert refused.status_code == 403
    assert refused.context["page"] == desk.url
    page = client.get(desk.url)
    assert page.context["restored"] is True
    assert page.context["form"].rows[desk.cells[0].pk].typed["numerator"] == "126"
    without_seal = client.post(desk.url, {**fields, "seal": ""})
    assert without_seal.context["page"] == ""


def test_what_was_typed_is_not_forgotten_when_the_figures_have_gone_on(desk):
    first, _second = cell_names(desk)
    client = desk.client(desk.reporter)
    fields = {**desk.fields(client, **{f"{first}_numerator": "126"}), "action": "save"}
    client.logout()
    client.post(desk.url, fields)
    make.attested(desk.approver, desk.submission, figure(5))
    client.force_login(desk.reporter)
    page = client.get(desk.url)
    assert page.templates[0].name == "submissions/report_readonly.html"
    assert page.context["unsent"] is True
