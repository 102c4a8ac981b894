"""The catalogues hold every text of the interface, whole and in good typography."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test.utils import override_settings

ROOT = settings.BASE_DIR
LANGUAGES = ("fr", "nl", "de")

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"

# The words of VISUAL.md, section 1, are settled: French, Dutch.
STATUSES = {
    "Achieved": ("Atteint", "Bereikt"),
    "On track": ("En bonne voie", "Op schema"),
    "At risk": ("À risque", "In het gedrang"),
    "Off track": ("Hors trajectoire", "Niet op schema"),
    "Moving away": ("S’éloigne", "Verwijdert zich"),
    "Monitoring only": ("Suivi seul", "Enkel opvolging"),
    "No target": ("Sans cible", "Zonder streefwaarde"),
    "No baseline": ("Sans référence", "Zonder nulmeting"),
    "Not applicable": ("Sans objet", "Niet van toepassing"),
    "Insufficient coverage": ("Couverture insuffisante", "Onvoldoende dekking"),
    "No data": ("Sans données", "Geen gegevens"),
    "Qualitative": ("Qualitatif", "Kwalitatief"),
    "Undetermined": ("Indéterminé", "Onbepaald"),
    "cell|n/a": ("s.o.", "n.v.t."),
    "cell|u/a": ("n.d.", "n.b."),
    "cell|missing": ("manquant", "ontbreekt"),
}
FRENCH_STATES = {
    "submission|To fill in": "À remplir",
    "submission|Draft": "Brouillon",
    "submission|Attested": "Attesté",
    "submission|Returned": "Renvoyé",
    "submission|Maintained": "Maintenu",
    "submission|Validated": "Validé",
    "figures|Provisional": "Provisoire",
    "figures|Final": "Clos",
    "figures|Revised": "Révisé",
}
# One word for one thing: what these would say has another, settled name.
OTHER_WORDS = re.compile(
    r"rapporteur|approbat|services? fédér|valeur de départ|(?<!hors )trajectoire", re.IGNORECASE
)


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def key(entry: polib.POEntry) -> str:
    return f"{entry.msgctxt}|{entry.msgid}" if entry.msgctxt else entry.msgid


def forms(entry: polib.POEntry) -> list[str]:
    """The translations of an entry, singular first."""
    if not entry.msgid_plural:
        return [entry.msgstr]
    return [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]


def texts(language: str) -> Iterator[str]:
    """Every translation that is read as a text, not as a format."""
    for entry in catalogue(language):
        if entry.msgctxt != "date format":
            yield from forms(entry)


def marks(text: str) -> list[str]:
    """What a translation must keep: placeholders, tags, and space at both ends."""
    edges = [re.match(r"[ \n]*", text)[0], re.search(r"[ \n]*$", text)[0]]
    return sorted(set(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+[^>]*>", text))) + edges


@pytest.fixture
def gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> polib.POFile:
    """The texts of a copy of the tree: extraction writes files beside the templates it reads."""
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == ROOT]
    for folder in (*ours, ROOT / "config", ROOT / "templates"):
        shutil.copytree(folder, tmp_path / folder.name)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    with override_settings(LOCALE_PATHS=[tmp_path / "locale"]):
        call_command("makemessages", locale=["fr"], keep_pot=True, verbosity=0)
    return polib.pofile(str(tmp_path / "locale" / "django.pot"))


@pytest.mark.skipif(
    shutil.which("xgettext") is None,
    reason="needs GNU gettext: apt-get install --yes gettext",
)
def test_every_text_of_the_tree_is_in_every_catalogue(gathered):
    wanted = {(key(entry), entry.msgid_plural) for entry in gathered}
    missing = {
        language: wanted - {(key(entry), entry.msgid_plural) for entry in catalogue(language)}
        for language in LANGUAGES
    }
    assert missing == {language: set() for language in LANGUAGES}
    assert len(wanted) > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language):
    entries = catalogue(language)
    plurals = int(re.search(r"nplurals=(\d)", entries.metadata["Plural-Forms"])[1])
    assert entries.metadata["Language"] == language
    assert entries.obsolete_entries() == []
    assert [key(entry) for entry in entries if entry.fuzzy] == []
    assert [
        key(entry)
        for entry in entries
        if not all(forms(entry)) or len(forms(entry)) != (plurals if entry.msgid_plural else 1)
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_and_tags(language):
    for entry in catalogue(language):
        allowed = [marks(entry.msgid), marks(entry.msgid_plural or entry.msgid)]
        assert all(marks(form) in allowed for form in forms(entry)), key(entry)
        assert marks(forms(entry)[-1]) == allowed[-1], key(entry)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_header_names_no_machine_and_no_person(language):
    entries = catalogue(language)
    header = "\n".join([entries.header, *entries.metadata.values()])
    assert not re.search(r"@|https?:|(^|\s)/\w|\\|localhost", header)
    assert ("Working translation" in entries.header) == (language != "fr")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(r"\w'\w", id="straight apostrophe"),
        pytest.param(rf"[^{NARROW_NO_BREAK}](?<![;!?])[;!?]", id="before ; ! ?"),
        pytest.param(rf"[^{NO_BREAK}]:(\s|$)", id="before :"),
        pytest.param(rf"«[^{NO_BREAK}]|[^{NO_BREAK}]»", id="inside « »"),
        pytest.param(rf"(?<![{NO_BREAK}(%])%(?![(sd])", id="before %"),
        pytest.param(r'"', id="straight quotes"),
    ],
)
def test_french_typography(fault):
    without_tags = (re.sub(r'<[^>]*>|"[\d./]+"', "", text) for text in texts("fr"))
    assert [text for text in without_tags if re.search(fault, text)] == []


def test_french_has_one_word_for_one_thing():
    assert [text for text in texts("fr") if OTHER_WORDS.search(text)] == []


@pytest.mark.parametrize(("language", "column"), [("fr", 0), ("nl", 1)])
def test_status_words_are_those_settled(language, column):
    said = {key(entry): entry.msgstr for entry in catalogue(language)}
    assert {word: said[word] for word in STATUSES} == {
        word: settled[column] for word, settled in STATUSES.items()
    }


def test_french_words_for_the_states_of_submissions_and_data_are_those_settled():
    said = {key(entry): entry.msgstr for entry in catalogue("fr")}
    assert {word: said[word] for word in FRENCH_STATES} == FRENCH_STATES
