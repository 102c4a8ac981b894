"""python -m bench.checks: what the checks find in the set of errors and of honest oddities."""

from __future__ import annotations

import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOCAL", "1")
    import django

    django.setup()
    from . import plausibility

    print(plausibility.table(plausibility.measure()))


if __name__ == "__main__":
    main()
