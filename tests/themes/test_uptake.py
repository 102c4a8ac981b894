"""Zonal plans: a zone says what it takes up; nothing said is nothing; never a score of a zone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import UnitSuccession
from organisations.succession import Succession, preview, preview_undo, succeed, undo
from plans.models import Plan
from tests.factories import make_dca, make_objective, make_user, make_zone
from themes.enums import Level, Stance
from themes.models import Objective, Uptake, ZonalPlan
from themes.uptake import rules, selectors
from themes.uptake.services import ChangedMeanwhile, Cover, Said, save_zonal_plan

pytestmark = pytest.mark.django_db
COUNCIL, APPROVED = dt.date(2026, 3, 1), dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _messages_in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def zone():
    return make_zone()


@pytest.fixture
def reporter(zone):
    make_objective("1-F1")
    make_objective("1-L1")
    return make_user(Role.REPORTER, zone)


def save(actor, zone, said=(), version=0, cover=Cover()):  # noqa: B008 (frozen)
    return save_zonal_plan(
        actor=actor,
        zone=zone,
        plan=Plan.objects.get(),
        version=version,
        cover=cover,
        said={make_objective(code): Said(*each) for code, each in dict(said).items()},
    )


TAKEN, ADAPTED, REFUSED = (
    (Stance.TAKEN_UP,),
    (Stance.ADAPTED, "Notre texte"),
    (Stance.NOT_TAKEN_UP, "Ailleurs"),
)


# --- Services ---------------------------------------------------------------------------------


def test_a_zone_says_what_it_takes_up_and_changes_its_mind_on_the_record(reporter, zone):
    kept = save(reporter, zone, {"1-F1": TAKEN, "1-L1": ADAPTED}, cover=Cover("PZS 1", COUNCIL))
    assert (kept.version, kept.label, kept.council_on) == (1, "PZS 1", COUNCIL)
    save(reporter, zone, {"1-L1": TAKEN}, version=1, cover=Cover("PZS 1", COUNCIL, APPROVED))
    assert list(kept.uptakes.values_list("objective__code", "stance", "text")) == [
        ("1-L1", "taken_up", "")
    ]
    last = AuditEntry.objects.filter(verb="zonal_plan.saved").first()
    assert last.details["changes"] == {
        "1-L1": ["adapted: Notre texte", "taken_up"],
        "1-F1": ["taken_up", None],
        "approved_on": [None, "2026-06-01"],
    }


@pytest.mark.parametrize(
    ("said", "cover", "field"),
    [
        ({"1-F1": (Stance.ADAPTED, " ")}, Cover(), "1-F1"),
        ({"1-F1": (Stance.NOT_TAKEN_UP,)}, Cover(), "1-F1"),
        ({}, Cover(approved_on=APPROVED), "council_on"),
        ({}, Cover("", APPROVED, COUNCIL), "approved_on"),
    ],
)
def test_what_does_not_hold_is_refused_at_its_field(reporter, zone, said, cover, field):
    with pytest.raises(ValidationError) as refused:
        save(reporter, zone, said, cover=cover)
    assert set(refused.value.message_dict) == {field}
    assert not ZonalPlan.objects.exists()


def test_the_database_refuses_what_the_form_forgot(reporter, zone):
    kept = save(reporter, zone, {"1-F1": TAKEN}, cover=Cover("", COUNCIL, APPROVED))
    row = kept.uptakes.get()
    for fields in ({"stance": "adapted"}, {"stance": "maybe"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Uptake.objects.filter(pk=row.pk).update(**fields)
    for fields in ({"council_on": None}, {"approved_on": COUNCIL - dt.timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ZonalPlan.objects.update(**fields)


def test_only_the_zone_writes(zone, reporter):
    others = [
        make_user(Role.REPORTER, make_zone("dinant")),
        make_user(Role.AUTHORITY, zone),
        make_user(Role.COORDINATOR, zone.controlled_by),
        make_user(Role.SECRETARIAT),
    ]
    for user in others:
        with pytest.raises(PermissionDenied):
            save(user, zone, {"1-F1": TAKEN})


def test_the_second_of_two_editors_overwrites_nothing(reporter, zone):
    save(reporter, zone, {"1-F1": TAKEN})
    with pytest.raises(ChangedMeanwhile):
        save(reporter, zone, {"1-F1": ADAPTED})
    assert Uptake.objects.get().stance == Stance.TAKEN_UP


# --- Who sees what ----------------------------------------------------------------------------


def test_who_sees_zones_by_name(zone):
    other = make_zone("charleroi", dca=make_dca("dca-charleroi"))
    near = make_zone("dinant")

    def seen(user):
        return set(rules.zones_by_name(user).values_list("slug", flat=True))

    assert seen(make_user(Role.REPORTER, zone)) == {"namur"}
    assert seen(make_user(Role.AUTHORITY, other)) == {"charleroi"}
    assert seen(make_user(Role.COORDINATOR, zone.controlled_by)) == {zone.slug, near.slug}
    for role in (Role.SECRETARIAT, Role.STEERING, Role.EVALUATOR):
        assert seen(make_user(role)) == {"namur", "charleroi", "dinant"}
    assert seen(make_user(Role.COUNCIL)) == set()
    assert seen(make_user(Role.ADMINISTRATOR)) == set()


def test_the_map_names_what_the_reader_may_see_and_counts_everything(reporter, zone, client):
    other = make_zone("dinant", dca=make_dca("dca-dinant"))
    save(reporter, zone, {"1-F1": TAKEN})
    save(make_user(Role.REPORTER, other), other, {"1-F1": (Stance.NOT_TAKEN_UP, "secret-reason")})
    objective = Objective.objects.get(code="1-F1")
    tiles = {tile.unit.slug: tile for tile in selectors.uptake_map(objective, reporter).all}
    assert tiles["namur"].value.text == "taken up as it is"
    assert (tiles["dinant"].value.text, tiles["dinant"].url) == ("not shown to you", "")
    client.force_login(reporter)
    page = client.get(reverse("objective-uptake", args=["1-F1"])).content.decode()
    assert "secret-reason" not in page
    (line,) = selectors.by_objective(Objective.objects.filter(code="1-F1"))
    assert (line.counts, line.expected, line.silent) == ({"taken_up": 1, "not_taken_up": 1}, 2, 0)


def test_counts_by_theme_and_province_add_up(reporter, zone):
    make_zone("dinant")
    save(reporter, zone, {"1-F1": TAKEN, "1-L1": TAKEN})
    lines = selectors.by_objective(Objective.objects.all())
    (theme,) = selectors.by_theme(lines)
    assert (theme.counts["taken_up"], theme.expected, theme.silent) == (2, 4, 2)
    (province,) = selectors.by_province(line.subject for line in lines)
    assert (province.counts["taken_up"], province.expected, province.silent) == (2, 4, 2)


def test_zones_that_ended_are_not_counted(reporter, zone):
    make_zone("dinant")
    save(reporter, zone, {"1-F1": TAKEN})
    zone.valid_to = timezone.localdate()
    zone.save()
    (line,) = selectors.by_objective(Objective.objects.filter(code="1-F1"))
    assert (sum(line.counts.values()), line.expected) == (0, 1)


# --- Mergers and splits -----------------------------------------------------------------------


@pytest.fixture
def merger(reporter, zone):
    """Two zones with plans that agree about 1-F1, and not about 1-L1, become one."""
    second = make_zone("dinant")
    save(reporter, zone, {"1-F1": TAKEN, "1-L1": ADAPTED})
    save(make_user(Role.REPORTER, second), second, {"1-F1": TAKEN, "1-L1": TAKEN})
    successor = make_zone("namur-dinant", population=None)
    return Succession((zone, second), (successor,), timezone.localdate())


@pytest.fixture
def secretariat():
    return make_user(Role.SECRETARIAT)


def test_a_successor_is_prefilled_with_what_its_predecessors_agree_about(merger, secretariat):
    lines = " ".join(preview(succession=merger))
    assert "1 objective is prefilled" in lines
    assert "disagree about 1 objective" in lines
    succeed(actor=secretariat, succession=merger, reason="Arrêté")
    (successor,) = merger.successors
    kept = ZonalPlan.objects.get(zone=successor)
    row = kept.uptakes.get()
    assert (row.objective.code, row.stance, row.is_prefilled) == ("1-F1", "taken_up", True)
    before = selectors.said_by_predecessors(successor)
    divided = Objective.objects.get(code="1-L1")
    assert sorted(stance for _zone, stance in before[divided.pk]) == [
        "adapted",
        "taken up as it is",
    ]
    member = make_user(Role.REPORTER, successor)
    save(member, successor, {"1-F1": TAKEN})
    assert kept.uptakes.get().is_prefilled is False


def test_undo_takes_back_what_was_prefilled_and_nothing_that_was_written(merger, secretariat):
    succeed(actor=secretariat, succession=merger, reason="Arrêté")
    (successor,) = merger.successors
    plans = ZonalPlan.objects.exclude(zone=successor).count()
    assert any("taken back" in line for line in preview_undo(succession=merger))
    undo(actor=secretariat, succession=merger, reason="Erreur")
    assert not ZonalPlan.objects.filter(zone=successor).exists()
    assert ZonalPlan.objects.count() == plans == 2
    assert Uptake.objects.count() == 4


def test_a_prepared_successor_follows_what_its_predecessors_say_until_it_writes(
    merger, secretariat, reporter, zone
):
    succeed(actor=secretariat, succession=merger, reason="Arrêté")
    (successor,) = merger.successors
    kept = ZonalPlan.objects.get(zone=successor)
    save(reporter, zone, {"1-F1": TAKEN, "1-L1": TAKEN}, version=1)
    assert sorted(kept.uptakes.values_list("objective__code", "is_prefilled")) == [
        ("1-F1", True),
        ("1-L1", True),
    ]
    save(make_user(Role.REPORTER, successor), successor, {"1-F1": TAKEN})
    save(reporter, zone, {}, version=2)
    assert list(kept.uptakes.values_list("objective__code", flat=True)) == ["1-F1"]


def test_undo_is_refused_once_the_successor_has_written(merger, secretariat):
    succeed(actor=secretariat, succession=merger, reason="Arrêté")
    (successor,) = merger.successors
    save(make_user(Role.REPORTER, successor), successor, {"1-F1": TAKEN})
    with pytest.raises(ValidationError, match="already written"):
        undo(actor=secretariat, succession=merger, reason="Erreur")
    assert ZonalPlan.objects.filter(zone=successor).exists()


def test_a_zone_sees_what_those_said_that_gave_way_to_it(reporter, zone):
    successor = make_zone("namur-dinant")
    UnitSuccession.objects.create(
        successor=successor,
        predecessor=zone,
        predecessor_label="Namur",
        effective_on=timezone.localdate(),
    )
    assert zone in rules.zones_by_name(make_user(Role.REPORTER, successor))


# --- Pages ------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(client, reporter):
    client.force_login(reporter)
    return client


def change_url(zone):
    return reverse("zonal-plan-change", args=[zone.slug])


def test_a_zone_answers_on_the_page(signed_in, zone):
    data = {"version": "0", "stance-1-L1": "adapted", "text-1-L1": "Notre texte", "label": "PZS"}
    answer = signed_in.post(change_url(zone), data)
    assert answer["Location"] == reverse("zonal-plan-detail", args=[zone.slug])
    page = signed_in.get(answer["Location"]).content.decode()
    assert "Notre texte" in page
    assert "1/2" in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"stance-1-L1": "adapted"}, "Give the wording that the zone has adopted."),
        ({"stance-1-L1": "not_taken_up"}, "Say why the zone does not take this objective up."),
        ({"text-1-L1": "Sans réponse"}, "Choose an answer for these words."),
        ({"stance-1-L1": "peut-être"}, "Choose one of the answers."),
        ({"approved_on": "2026-06-01"}, "Give the day of the zonal security council"),
    ],
)
def test_errors_stand_at_their_field_and_keep_what_was_typed(signed_in, zone, data, told):
    typed = {"version": "0", "label": "Version tapée", "stance-1-F1": "regular", **data}
    answer = signed_in.post(change_url(zone), typed, headers={"accept-language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert "Version tapée" in page
    assert '<option value="regular" selected>' in page
    assert not ZonalPlan.objects.exists()


def test_the_end_of_a_line_is_one_character(signed_in, zone):
    text = "a" * 1960 + "\r\nb" * 20
    data = {"version": "0", "stance-1-L1": "adapted", "text-1-L1": text}
    wrong = signed_in.post(change_url(zone), {**data, "text-1-L1": text + "c"})
    assert wrong.status_code == 422
    assert signed_in.post(change_url(zone), data).status_code == 302
    assert Uptake.objects.get().text == text.replace("\r\n", "\n")


def test_the_unanswered_of_a_theme_are_filled_in_and_not_yet_saved(signed_in, zone):
    data = {"version": "0", "fill": "1", "fill-1": "regular", "stance-1-L1": "taken_up"}
    page = signed_in.post(change_url(zone), data).content.decode()
    assert page.count('<option value="regular" selected>') == 1
    assert page.count('<option value="taken_up" selected>') == 1
    assert not ZonalPlan.objects.exists()


def test_a_conflict_shows_both_and_a_second_send_keeps_ones_own(signed_in, reporter, zone):
    save(reporter, zone, {"1-L1": TAKEN})
    mine = {"version": "0", "stance-1-L1": "regular"}
    answer = signed_in.post(change_url(zone), mine)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'name="version" value="1"' in page
    assert signed_in.post(change_url(zone), {**mine, "version": "1"}).status_code == 302
    assert Uptake.objects.get().stance == Stance.REGULAR


def test_what_was_typed_waits_for_who_signs_in_again(signed_in, reporter, zone):
    page = signed_in.get(change_url(zone)).content.decode()
    seal = page.split('name="seal" value="')[1].split('"')[0]
    signed_in.logout()
    typed = {"version": "0", "seal": seal, "stance-1-L1": "adapted", "text-1-L1": "Long texte"}
    signed_in.post(change_url(zone), typed)
    signed_in.force_login(reporter)
    assert "Long texte" in signed_in.get(change_url(zone)).content.decode()


def test_another_zones_plan_does_not_exist_for_a_zone(signed_in, zone):
    other = make_zone("dinant", dca=make_dca("dca-dinant"))
    for name in ("zonal-plan-detail", "zonal-plan-change"):
        assert signed_in.get(reverse(name, args=[other.slug])).status_code == 404


def test_one_zone_goes_straight_to_its_plan(signed_in, zone):
    answer = signed_in.get(reverse("zonal-plan-list"))
    assert answer["Location"] == reverse("zonal-plan-detail", args=[zone.slug])


def test_the_counts_can_be_taken_away(signed_in, reporter, zone):
    save(reporter, zone, {"1-L1": TAKEN})
    answer = signed_in.get(reverse("uptake-overview"), {"format": "csv", "level": Level.LOCAL})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "1-L1" in lines[1]


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("name", ["uptake-overview", "objective-uptake", "zonal-plan-list"])
def test_pages_take_the_same_queries_however_many_zones(
    client, name, count, django_assert_max_num_queries
):
    make_objective("1-F1")
    for number in range(count):
        zone = make_zone(f"zone-{number}")
        save(make_user(Role.REPORTER, zone), zone, {"1-F1": TAKEN})
    make_zone("autre")
    client.force_login(make_user(Role.STEERING))
    arguments = ["1-F1"] if name == "objective-uptake" else []
    with django_assert_max_num_queries(14):
        assert client.get(reverse(name, args=arguments)).status_code == 200


@pytest.mark.parametrize("count", [1, 9])
def test_the_form_takes_the_same_queries_however_many_objectives(
    signed_in, zone, count, django_assert_max_num_queries
):
    for number in range(1, count + 1):
        make_objective(f"1-F{number}")
    with django_assert_max_num_queries(12):
        signed_in.get(change_url(zone))
