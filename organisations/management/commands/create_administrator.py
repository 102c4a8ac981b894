"""The first administrator of an installation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from organisations import mails, services
from organisations.enums import Role
from organisations.models import Invitation, Membership


class Command(BaseCommand):
    help = "Invite an administrator: prints and mails a link that works once, for seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--again", action="store_true", help="replace a link that got lost")

    def handle(self, *args: Any, email: str, again: bool, **options: Any) -> None:
        address = services.normal_address(email)
        held = {"role": Role.ADMINISTRATOR}
        if Membership.objects.in_force().filter(user__email=address, **held).exists():
            self.stdout.write(_("%(email)s is an administrator already.") % {"email": address})
            return
        if not again and Invitation.objects.open().filter(email=address, **held).exists():
            self.stdout.write(
                _("%(email)s has an open invitation. A new link: add --again.") % {"email": address}
            )
            return
        try:
            _invitation, token = services.invite_administrator(email=address)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(_("Open this link within seven days, once:"))
        self.stdout.write(mails.link(token))
