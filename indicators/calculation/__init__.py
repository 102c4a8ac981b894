"""The calculation kernel: METHOD.md as pure functions on plain, exact values.

No framework, no database, no float. Page, export, API and PDF read what it
returns, so they cannot disagree. A change of a rule is a new METHOD_VERSION.
"""

METHOD_VERSION = "1"
