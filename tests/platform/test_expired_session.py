"""What was typed while the session had expired is on the page of its form after signing in."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import KeptInput
from indicators.enums import Frequency
from indicators.periods import last_day
from organisations.enums import AreaKind, Role
from organisations.models import User
from plans import services as plan_services
from plans.models import Condition
from progress.services import recompute_all
from submissions import services
from submissions.enums import Entrance
from submissions.models import RoundTiming, Submission
from submissions.services import Entry
from tests import factories as make
from tests.factories import figure
from tests.forms import hidden_of
from tests.progress.figures import close, given, lock
from themes.actions import services as action_services
from themes.enums import ActionKind

pytestmark = pytest.mark.django_db
WORDS = "Seven words that nobody types twice"
RESTORED = "Here is what you had typed before you signed in again."


@dataclass
class Form:
    """Who fills it, the page that shows it, where it is sent if not there, and what is typed."""

    user: User
    page: str
    typed: dict[str, str]
    action: str = ""

    @property
    def sent_to(self) -> str:
        return self.action or self.page


class World:
    """A zone and a central source in a round, with who controls them."""

    def __init__(self, *, locked: bool = False) -> None:
        self.dca = make.make_dca()
        self.zone = make.make_zone("namur", dca=self.dca)
        self.source = make.make_source()
        make.make_indicator("checks")
        make.make_indicator("hits", reporter=self.source)
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.keeper = make.make_user(Role.APPROVER, self.source)
        self.coordinator = make.make_user(Role.COORDINATOR, self.dca)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round(locked=locked)
        self.report = f"/report/{make.QUARTER}/namur/"

    @property
    def submission(self):
        return make.submission_of(self.zone)

    def attest(self):
        return make.attested(self.approver, self.submission, figure(5))


def returning() -> Form:
    world = World()
    sent = world.attest()
    page = f"/review/{sent.pk}/"
    return Form(world.coordinator, page, {"reason": WORDS}, f"{page}return/")


def withdrawing() -> Form:
    world = World()
    world.attest()
    return Form(world.approver, world.report, {"reason": WORDS}, f"{world.report}withdraw/")


def returned() -> World:
    world = World()
    sent = world.attest()
    services.send_back(
        actor=world.coordinator, submission=sent, version=sent.version, reason="Look again"
    )
    return world


def maintaining() -> Form:
    world = returned()
    [cell] = make.cells_of(world.submission)
    typed = {
        f"c{cell.pk}-numerator": "5",
        "maintain_reason": WORDS,
        "statement": "1",
        "action": "attest",
    }
    return Form(world.approver, world.report, typed)


def asking_for_time() -> Form:
    world = World(locked=True)
    return Form(world.reporter, f"{world.report}more-time/", {"reason": WORDS})


def waiting_for_time() -> tuple[World, int]:
    world = World(locked=True)
    asked = services.ask_for_time(
        actor=world.reporter, submission=world.submission, reason="We moved"
    )
    return world, asked.pk


MORE_TIME = f"/rounds/{make.QUARTER}/namur/more-time/"


def granting_time() -> Form:
    world, _asked = waiting_for_time()
    until = timezone.localdate() + dt.timedelta(days=10)
    typed = {"reason": WORDS, "until": until.isoformat()}
    return Form(world.secretariat, MORE_TIME, typed, MORE_TIME)


def refusing_time() -> Form:
    world, asked = waiting_for_time()
    sent_to = f"/rounds/requests/{asked}/refuse/"
    return Form(world.secretariat, MORE_TIME, {"refusal": WORDS}, sent_to)


def changing_dates() -> Form:
    world = World()
    dates = RoundTiming.of(Frequency.QUARTER).dates(last_day("2030-Q4"))
    services.plan_rounds(actor=world.secretariat, planned=[services.Planned("2030-Q4", dates)])
    typed = {"opens": "2031-01-05", "due": "2031-02-01", "locks": "2031-02-02"}
    return Form(world.secretariat, "/rounds/2030-Q4/change/", typed)


def planning() -> Form:
    world = World()
    days = {"opens_after": "3", "due_after": "44", "grace": "17"}
    typed = {f"quarter-{name}": text for name, text in days.items()} | {"action": "keep"}
    return Form(world.secretariat, "/rounds/plan/?end=2030-Q4", typed)


def remark() -> tuple[World, Form]:
    world = World()
    make.attested(world.keeper, make.submission_of(world.source), figure(7))
    [cell] = make.cells_of(make.submission_of(world.source))
    page = reverse("about-us-figure", args=[cell.expectation_id])
    return world, Form(world.reporter, page, {"text": WORDS})


def remarking() -> Form:
    _world, form = remark()
    return form


def answering() -> Form:
    world, _form = remark()
    [cell] = make.cells_of(make.submission_of(world.source))
    made = services.make_remark(
        actor=world.reporter, expectation=cell.expectation, text="We count fewer"
    )
    return Form(world.keeper, f"/report/remarks/{made.pk}/", {"answer": WORDS})


def correction() -> tuple[World, Form]:
    world = World()
    make.validated(world.approver, world.coordinator, world.submission, figure(5))
    [cell] = make.cells_of(world.submission)
    typed = {f"c{cell.pk}-numerator": "8", "reason": WORDS, "step": "send"}
    return world, Form(world.approver, f"/report/cells/{cell.pk}/correct/", typed)


def asking_for_a_correction() -> Form:
    _world, form = correction()
    return form


def deciding_on_a_correction() -> Form:
    world, _form = correction()
    [cell] = make.cells_of(world.submission)
    [asked] = services.propose_correction(
        actor=world.approver,
        submission=world.submission,
        entries=[Entry(cell.pk, cell.version, figure(8))],
        reason="Read twice",
        entrance=Entrance.FORM,
    )
    typed = {"reason": WORDS, "decision": "refuse"}
    return Form(world.coordinator, f"/review/corrections/{asked.pk}/", typed)


def filling_the_grid() -> Form:
    world = World()
    [cell] = make.cells_of(make.submission_of(world.source))
    page = f"/report/{make.QUARTER}/{world.source.slug}/hits/"
    return Form(world.keeper, page, {f"c{cell.pk}-numerator": "98765", "action": "save"})


def taking_a_snapshot() -> Form:
    world = World(locked=True)
    make.make_area("belgium", AreaKind.NATION)
    return Form(
        world.secretariat, "/progress/snapshots/", {"period": make.QUARTER, "reason": WORDS}
    )


def reopening() -> Form:
    make.make_area("belgium", AreaKind.NATION)
    secretariat = make.make_user(Role.SECRETARIAT)
    given(make.QUARTER, make.make_indicator("checks"), {make.make_zone("namur"): 5})
    lock()
    recompute_all()
    close(secretariat, make.QUARTER)
    return Form(secretariat, reverse("period-reopen", args=[make.QUARTER]), {"reason": WORDS})


def amendment() -> tuple[User, Form]:
    condition = make.make_condition()
    secretariat = make.make_user(Role.SECRETARIAT)
    day = timezone.localdate() + dt.timedelta(days=30)
    words = {"title": "Autre titre", "text": WORDS, "reason": "Because"}
    page = reverse("condition-amend", args=[condition.code])
    return secretariat, Form(secretariat, page, {**words, "effective_on": day.isoformat()})


def proposing_an_amendment() -> Form:
    _user, form = amendment()
    return form


def withdrawing_an_amendment() -> Form:
    user, _form = amendment()
    proposed = plan_services.propose_condition_amendment(
        actor=user,
        condition=Condition.objects.get(),
        title="Autre titre",
        text="Autre texte",
        reason="Because",
        effective_on=timezone.localdate() + dt.timedelta(days=30),
    )
    page = reverse("amendment-withdraw", args=[proposed.pk])
    return Form(user, page, {"reason": WORDS})


def suspending_an_action() -> Form:
    world = World()
    begun = action_services.begin_action(
        actor=world.reporter,
        wanted=action_services.Wanted(
            title="Patrouilles",
            description="",
            kind=ActionKind.PROJECT,
            owner=world.zone,
            partners=(),
            other_partners="",
            objectives=(make.make_objective("1-L1"),),
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2028, 12, 31),
            milestones=(),
        ),
    )
    page = reverse("action-state", args=[begun.pk])
    return Form(world.reporter, page, {"reason": WORDS, "state": "running"})


def keeping_contacts() -> Form:
    world = World()
    typed = {"telephone": "081 12 34 56", "mailbox": "namur@demo.invalid"}
    return Form(world.approver, reverse("unit-contacts", args=["namur"]), typed)


def inviting() -> Form:
    world = World()
    typed = {"name": WORDS, "email": "new@demo.invalid", "role": "reporter", "language": "fr"}
    typed["unit"] = str(world.zone.pk)
    return Form(world.approver, reverse("invitation-create"), typed)


def describing_a_merger() -> Form:
    world = World()
    other = make.make_zone("gembloux", dca=world.dca)
    zones = {"zone_1": world.zone.slug, "zone_2": other.slug, "effective_on": "2027-01-01"}
    page = f"{reverse('merger-describe')}?{urlencode({**zones, 'goes_on': 'new'})}"
    typed = {"name_fr": "Namur-Gembloux", "language": "fr"}
    for name in ("region", "province", "arrondissement", "controlled_by"):
        typed[name] = str(getattr(world.zone, f"{name}_id"))
    act = {"act-reason": WORDS, "action": "confirm"}
    return Form(world.secretariat, page, {f"z1-{name}": x for name, x in typed.items()} | act)


FORMS: list[Callable[[], Form]] = [
    returning,
    withdrawing,
    maintaining,
    asking_for_time,
    granting_time,
    refusing_time,
    changing_dates,
    planning,
    remarking,
    answering,
    asking_for_a_correction,
    deciding_on_a_correction,
    filling_the_grid,
    taking_a_snapshot,
    reopening,
    proposing_an_amendment,
    withdrawing_an_amendment,
    suspending_an_action,
    keeping_contacts,
    inviting,
    describing_a_merger,
]


def signed_in(user: User, **options: bool) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en", **options)
    client.force_login(user)
    return client


def shows(page: str, typed: dict[str, str]) -> bool:
    """Whether each text that was typed stands in a field, or is the choice."""
    buttons = ("action", "step", "decision")
    texts = [text for name, text in typed.items() if name not in buttons]
    return all(f"{text}</textarea>" in page or f'value="{text}"' in page for text in texts)


@pytest.mark.parametrize("make_form", FORMS, ids=lambda each: each.__name__)
def test_what_was_typed_survives_the_session(make_form):
    form = make_form()
    client = signed_in(form.user)
    hidden = hidden_of(client.get(form.page).text, form.action)
    client.logout()
    answer = client.post(form.sent_to, {**hidden, **form.typed})
    [next_page] = parse_qs(urlsplit(answer["Location"]).query)["next"]
    client.force_login(form.user)
    page = client.get(next_page)
    assert (page.status_code, page.request["PATH_INFO"]) == (200, urlsplit(form.page).path)
    assert RESTORED in page.text
    assert shows(page.text, form.typed)
    sent = client.post(form.sent_to, {**hidden_of(page.text, form.action), **form.typed})
    assert sent.status_code == 302
    assert not KeptInput.objects.exists()


def test_a_form_refused_for_its_token_leads_to_its_page_too():
    form = returning()
    client = signed_in(form.user, enforce_csrf_checks=True)
    hidden = hidden_of(client.get(form.page).text, form.action)
    refused = client.post(form.sent_to, {**hidden, **form.typed, "csrfmiddlewaretoken": "old"})
    assert refused.status_code == 403
    assert f'href="{form.page}#decide"' in refused.text
    assert WORDS in client.get(form.page).text


def test_words_are_shown_when_their_form_is_gone():
    """Somebody else decided while the session had expired."""
    form = returning()
    client = signed_in(form.user)
    hidden = hidden_of(client.get(form.page).text, form.action)
    client.logout()
    client.post(form.sent_to, {**hidden, **form.typed})
    sent = Submission.objects.get(reporter__slug="namur")
    services.validate(actor=form.user, submission=sent, version=sent.version)
    client.force_login(form.user)
    page = client.get(form.page).text
    assert RESTORED not in page
    assert f"<blockquote>{WORDS}</blockquote>" in page


def test_the_sign_in_page_leads_to_the_form_itself():
    form = returning()
    form.user.set_password("a long enough secret")
    form.user.save(update_fields=["password"])
    client = signed_in(form.user)
    hidden = hidden_of(client.get(form.page).text, form.action)
    client.logout()
    sign_in = client.post(form.sent_to, {**hidden, **form.typed})["Location"]
    assert "what you typed is kept for an hour" in client.get(sign_in).text
    typed = {"login": form.user.email, "password": "a long enough secret"}
    [target] = parse_qs(urlsplit(sign_in).query)["next"]
    answer = client.post(sign_in, {**typed, "next": target})
    assert answer["Location"] == f"{form.page}#decide"


def test_a_button_pressed_too_late_leads_to_a_page():
    form = returning()
    for action in ("validate", "return"):
        answer = Client().post(f"{form.page}{action}/")
        assert answer["Location"].endswith("?next=/")
    assert Client().post(MORE_TIME)["Location"].endswith(f"?next={MORE_TIME}")
