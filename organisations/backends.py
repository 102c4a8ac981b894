"""Who asks, and what they may do, in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from .models import Membership, User


class AccountBackend(AuthenticationBackend):
    """Signs in by e-mail address; a page reads the account together with its roles."""

    def get_user(self, user_id: Any) -> User | None:
        """None for no account and for a closed one. Two queries for who holds no role today."""
        held = list(Membership.objects.in_force().as_held().filter(user=user_id))
        if not held:
            return super().get_user(user_id)
        user = held[0].user
        if not self.user_can_authenticate(user):
            return None
        user.held = held
        return user
