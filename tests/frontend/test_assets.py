import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TOKENS = (ROOT / "assets/scss/_tokens.scss").read_text()


def palette(name: str) -> dict[str, str]:
    block = re.search(rf"^\${name}: \((.*?)^\);", TOKENS, re.MULTILINE | re.DOTALL)
    assert block
    return dict(re.findall(r'"([a-z0-9-]+)": (#[0-9a-f]{6})', block[1]))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "surface", "sunk"])
def test_text_and_marks_stand_out_from_every_ground(name, ground):
    colours = palette(name)
    minimum = dict.fromkeys(("ink", "ink-2", "link", "visited", "error", "success"), 4.5)
    marks = [token for token in colours if token.startswith(("status-", "control"))]
    minimum |= dict.fromkeys(marks, 3.0)
    ratios = {token: contrast(colours[token], colours[ground]) for token in minimum}
    assert {t: r for t, r in ratios.items() if r < minimum[t]} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_on_petrol_warning_and_focus_are_legible(name):
    colours = palette(name)
    pairs = [("on-petrol", "petrol"), ("on-petrol", "petrol-hover"), ("on-focus", "focus")]
    pairs += [("on-warning", "warning"), ("on-warning", "warning-hover")]
    assert [pair for pair in pairs if contrast(*(colours[t] for t in pair)) < 4.5] == []


def test_light_and_dark_hold_the_same_tokens():
    assert palette("light").keys() == palette("dark").keys()


def test_styles_use_only_tokens_that_exist():
    known = set(palette("light")) | set(re.findall(r'^  "(chart-[a-z]+)":', TOKENS, re.MULTILINE))
    styles = ROOT.glob("assets/scss/*.scss")
    used = {
        name for path in styles for name in re.findall(r"var\(--([a-z0-9-]+)", path.read_text())
    }
    # The last two are prefixes, completed in a loop.
    assert sorted(used - known - {"page-width", "map-", "status-"}) == []


def test_built_style_sheet_loads_only_its_own_fonts():
    css = (ROOT / "static/dist/jalon.css").read_text()
    addresses = set(re.findall(r"url\(\"?([^)\"]+)", css))
    assert len(addresses) == 8
    assert all(re.fullmatch(r"fonts/IBMPlexSans-[A-Za-z0-9-]+\.woff2", a) for a in addresses)
    assert all((ROOT / "static/dist" / address).exists() for address in addresses)


def test_lock_file_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
