"""Reading the plan: pages, search whatever the accents, the same queries for one theme or many."""

import pytest
from django.urls import reverse

from foundation.words import excerpt, matches, plain
from organisations.enums import Role
from tests.factories import make_objective, make_theme, make_user, make_zone
from themes.enums import Level
from themes.models import ObjectiveStep
from themes.selectors import by_level, find

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    user = make_user(Role.REPORTER, make_zone())
    client.force_login(user)
    return user


def test_the_plan_asks_for_a_sign_in(client):
    answer = client.get(reverse("plan-detail"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_an_objective_shows_its_statement_and_steps_in_order(client, reader):
    objective = make_objective("1-F1")
    for number, text in ((2, "Second step"), (1, "First step")):
        version = objective.versions.get()
        ObjectiveStep.objects.create(version=version, number=number, text=text)
    page = client.get(reverse("objective-detail", args=["1-F1"])).content.decode()
    assert "Statement of 1-F1" in page
    assert page.index("First step") < page.index("Second step")


@pytest.mark.parametrize("name", ["theme-detail", "objective-detail"])
def test_what_is_not_in_the_plan_is_404(client, reader, name):
    assert client.get(reverse(name, args=["9-F9"])).status_code == 404


def test_objectives_are_grouped_federal_first():
    theme = make_theme("1")
    make_objective("1-L1", theme)
    make_objective("1-F1", theme)
    groups = by_level(list(theme.objectives.all()))
    assert [[each.code for each in group.objectives] for group in groups] == [["1-F1"], ["1-L1"]]
    assert groups[0].label == Level.FEDERAL.label


@pytest.mark.parametrize("count", [1, 9])
def test_the_pages_take_the_same_queries_however_long(
    client, reader, count, django_assert_num_queries
):
    theme = make_theme("1")
    for number in range(1, count + 1):
        make_objective(f"1-F{number}", theme)
    with django_assert_num_queries(6):
        client.get(reverse("plan-detail"))
    with django_assert_num_queries(15):
        client.get(reverse("theme-detail", args=["1"]))


def test_search_forgives_accents_and_case_and_finds_codes(reader):
    objective = make_objective("1-F1")
    objective.title_fr = "Saisir les avoirs de la criminalité"
    objective.save()
    make_objective("1-F2")
    assert [hit.title for hit in find(reader, "CRIMINALITE saisir", 5)] == [str(objective)]
    assert [hit.title.split()[0] for hit in find(reader, "1-f2", 5)] == ["1-F2"]
    assert find(reader, "criminalité absente", 5) == []


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("L’Éventail bleu", "eventail", [("L’", False), ("Éventail", True), (" bleu", False)]),
        ("Un œuf, deux œufs", "absent", [("Un œuf, deux œufs", False)]),
        ("clé et clés", "CLE", [("clé", True), (" et ", False), ("clé", True), ("s", False)]),
        ("", "x", []),
        ("La loi (LPI)", "«lpi»", [("La loi (", False), ("LPI", True), (")", False)]),
    ],
)
def test_an_excerpt_marks_the_words_whatever_their_accents(text, words, pieces):
    assert excerpt(text, words) == pieces


def test_an_excerpt_stands_around_the_first_word():
    pieces = excerpt("avant " * 100 + "CŒUR" + " après" * 100, "coeur", 90)
    assert pieces[0] == ("… ", False)
    assert pieces[-1] == (" …", False)
    assert sum(len(text) for text, _match in pieces) < 100


def test_plain_words():
    assert plain("L’Éventail-clé") == "l eventail cle"
    assert matches("eventail CLE", "L’Éventail", "clé")
    assert not matches("eventail", "")
