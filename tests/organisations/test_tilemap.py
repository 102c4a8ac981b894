"""The map of zones: a tile each, borders between provinces, the same words in the table."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from organisations.models import Unit
from organisations.tilemap import PITCH, Value, tile_map
from tests.factories import make_area, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def zones():
    return [
        make_zone("namur", tile_row=11, tile_column=12),
        make_zone("dinant", tile_row=11, tile_column=13),
        make_zone("nouvelle"),
    ]


def made(zones, **values):
    return tile_map(
        zones,
        {zone.pk: values[zone.slug] for zone in zones if zone.slug in values},
        caption="Carte",
        legend=[Value("oui", 4, "O")],
        nothing=Value("rien", None, "?"),
        urls={zones[0].pk: "/zone/"},
    )


def test_tiles_stand_at_their_place_and_say_their_value(zones):
    found = made(zones, namur=Value("oui", 4, "O"))
    first, second = found.tiles
    assert (first.x, first.y, first.look) == (12 * PITCH, 11 * PITCH, "5")
    assert (second.value.text, second.look) == ("rien", "none")
    assert [tile.unit.slug for tile in found.elsewhere] == ["nouvelle"]
    assert len(found.all) == 3


def test_borders_stand_between_provinces_only(zones):
    assert made(zones).edges == ""
    zones[1].province = make_area("province-liege")
    assert made(zones).edges == f"M{13 * PITCH - 1.5} {11 * PITCH - 1.5}v{PITCH}"


def test_the_table_says_what_the_picture_shows(zones):
    page = render_to_string(
        "components/tile_map.html", {"map": made(zones, namur=Value("oui", 4, "O"))}
    )
    picture, table = page.split("<table")
    assert picture.count('<rect class="jalon-tile') == 2 + 2  # two tiles, two of the legend
    for zone in zones:
        assert zone.label in table
    assert 'style="' not in page
    assert picture.count("<a ") == 1


def test_no_two_zones_share_a_tile_in_the_programs_files(settings):
    from organisations.loading import load

    load(root=settings.BASE_DIR)
    places = Unit.objects.exclude(tile_row=None).values_list("tile_row", "tile_column")
    assert len(places) == len(set(places)) == 176
