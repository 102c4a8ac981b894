"""What was typed when the session expired is kept an hour, for the same user only."""

import datetime as dt
import time

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone

from foundation import kept
from foundation.models import IdempotencyKey, KeptInput
from organisations.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user("rapporteur@demo.invalid", name="Rapporteur")


def posted(seal: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({kept.FIELD: seal, "csrfmiddlewaretoken": "t", "cell-1": "12,5"})
    data.setlistdefault("choice", ["a", "b"])
    return data


def test_a_sealed_post_is_kept_until_it_is_dropped(user):
    page = "/report/2026-Q3/zp-namur/"
    assert kept.keep(page, posted(kept.seal(user.pk, f"{page}#attest"))) == f"{page}#attest"
    for _reload in range(2):
        restored = kept.found(user.pk, "/report/2026-Q3/zp-namur/")
        assert restored.dict() == {"cell-1": "12,5", "choice": "b"}
        assert restored.getlist("choice") == ["a", "b"]
    kept.drop(user.pk, "/report/2026-Q3/zp-namur/")
    assert kept.found(user.pk, "/report/2026-Q3/zp-namur/") is None


def test_what_was_written_in_a_first_post_is_offered_beside_a_second(user):
    path = "/report/a/"
    said = [
        {"reason": "Floods, until Friday", "token": "one", "choice": "a"},
        {"reason": "We moved house", "token": "two", "title": "Floods, until Friday"},
        {"reason": "We moved <again>", "token": "three"},
        {"reason": "We have moved", "token": "four"},
    ]
    found = []
    for each in said:
        data = QueryDict(mutable=True)
        data.update({kept.FIELD: kept.seal(user.pk, path), **each})
        kept.keep(path, data)
        found.append(kept.found(user.pk, path))
    assert [each.dict() for each in found] == said
    # The fields of one post come in the database's order, posts the last first.
    earlier = [sorted(each.earlier) for each in found[:3]]
    assert earlier == [[], [], ["Floods, until Friday", "We moved house"]]
    assert found[3].earlier[0] == "We moved <again>"
    page = render_to_string("components/restored.html", {"restored": found[2]})
    for words in earlier[2]:
        assert f"<blockquote>{words}</blockquote>" in page
    assert "blockquote" not in render_to_string("components/restored.html", {"restored": found[1]})
    KeptInput.objects.update(kept_at=timezone.now() - kept.KEPT_FOR - dt.timedelta(seconds=1))
    kept.keep(path, posted(kept.seal(user.pk, path)))
    assert list(kept.found(user.pk, path).earlier) == []


def test_another_user_or_page_gets_nothing(user):
    other = User.objects.create_user("autre@demo.invalid", name="Autre")
    kept.keep("/report/a/", posted(kept.seal(user.pk, "/report/a/")))
    assert kept.found(other.pk, "/report/a/") is None
    assert kept.found(user.pk, "/report/b/") is None


@pytest.mark.parametrize("seal", ["", "1", "forged:seal:x"])
def test_without_a_good_seal_nothing_is_kept(user, seal):
    assert kept.keep("/report/a/", posted(seal)) == ""
    assert KeptInput.objects.count() == 0


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (31, False)])
def test_a_page_may_stay_open_over_a_leave(user, monkeypatch, days, is_kept):
    opened = time.time() - days * 24 * 3600
    with monkeypatch.context() as then:
        then.setattr("django.core.signing.time.time", lambda: opened)
        mark = kept.seal(user.pk, "/report/a/")
    assert bool(kept.keep("/report/a/", posted(mark))) is is_kept


def test_what_is_too_large_is_not_kept(user):
    data = posted(kept.seal(user.pk, "/report/a/"))
    data["comment"] = "x" * kept.LARGEST
    assert kept.keep("/report/a/", data) == ""


def test_a_form_about_every_zone_is_kept(user):
    data = posted(kept.seal(user.pk, "/report/a/"))
    data.update({f"c{900_000 + number}-denominator-reading": "" for number in range(22_000)})
    assert kept.keep("/report/2026-H1/bng/", data) == "/report/a/"


def test_an_hour_later_it_is_gone(user):
    kept.keep("/report/a/", posted(kept.seal(user.pk, "/report/a/")))
    KeptInput.objects.update(kept_at=timezone.now() - kept.KEPT_FOR - dt.timedelta(seconds=1))
    assert kept.found(user.pk, "/report/a/") is None
    kept.sweep()
    assert KeptInput.objects.count() == 0


def test_old_tokens_are_swept(user):
    for key, age in (("old", 8), ("new", 1)):
        IdempotencyKey.objects.create(
            user=user, key=key, created_at=timezone.now() - dt.timedelta(days=age)
        )
    kept.sweep()
    assert [each.key for each in IdempotencyKey.objects.all()] == ["new"]
