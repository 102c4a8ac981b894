"""What a browser sends with a form, read from its page."""

import re
from html import unescape


def hidden_of(page: str, action: str = "") -> dict[str, str]:
    """The hidden fields of the sealed form of a page; ``action``: of the one sent there."""
    for tag, body in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body))
        is_meant = f' action="{action}"' in tag if action else " action=" not in tag
        if is_meant and "seal" in fields:
            return {name: unescape(value) for name, value in fields.items()}
    raise AssertionError(f"no sealed form for {action or 'the page itself'}")
