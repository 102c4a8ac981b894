"""What is answered to a page that saved some cells: in pieces of the form's own templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from .entry import EntryForm
from .rows import Row

#: How many figures are done, and asked for, by definition id.
Progress = Mapping[int, tuple[int, int]]


def of(form: EntryForm, posted: Mapping[str, Any], whole: Progress | None = None) -> dict[str, Any]:
    """``cells``: what became of each posted cell; ``messages``: what is wrong, odd or explained at
    each row that was looked at; ``parts``: counts and running totals, by their place on the page.

    ``whole``: how far the definitions are, where ``form`` has only some of their figures.
    """
    asked = [row for row in form.rows.values() if row.name("version") in posted]
    return {
        "cells": {row.prefix: _cell(row, posted) for row in asked},
        "messages": {
            row.prefix: _piece("messages", row) if row.has_messages else ""
            for row in form.rows.values()
        },
        "parts": _sums(form) | (_counts(form) if whole is None else _counts_of(whole, form)),
    }


def _cell(row: Row, posted: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` is given where the fields show another text then: a question was answered, or the
    reason for having no figure went with it."""
    answered = any(posted.get(row.name(part)) for part in Row.answers)
    answered |= bool(posted.get(row.name("reason"))) and not row.typed["reason"]
    return {
        "state": row.standing or "saved",
        "version": row.shown_version,
        "questions": _piece("questions", row),
        "said": _piece("said", row),
        "values": {row.name(part): text for part, text in row.typed.items()}
        if answered and not row.standing
        else None,
    }


def _sums(form: EntryForm) -> dict[str, str]:
    return {f"sum-{row.prefix}": row.sum_text for row in form.rows.values() if row.is_summed}


def _counts(form: EntryForm) -> dict[str, str]:
    found: dict[str, str] = {
        "progress": render_to_string("submissions/_progress.html", {"form": form}),
        "left": render_to_string("submissions/_left.html", {"form": form}),
    }
    for section in form.sections:
        found[f"count-{section.heading.code}"] = f"{section.done}/{section.total}"
        for block in section.blocks:
            found[f"count-{block.version.indicator.code}"] = f"{block.done}/{block.total}"
    return found


def _counts_of(whole: Progress, form: EntryForm) -> dict[str, str]:
    """A page of a part shows no other counts."""
    return {
        f"count-{block.version.indicator.code}": "{}/{}".format(*whole[block.version.pk])
        for block in form.blocks
    }


def _piece(name: str, row: Row) -> str:
    return render_to_string(f"submissions/_{name}.html", {"row": row}).strip()
