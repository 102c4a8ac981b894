"""Pages that every installation has, open to everybody."""

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from foundation import looks
from foundation.registries import Label


class Help(TemplateView):
    template_name = "pages/help.html"
    extra_context = {"statuses": looks.STATUSES, "cells": looks.CELL_STATES}


class Accessibility(TemplateView):
    template_name = "pages/accessibility.html"


class Privacy(TemplateView):
    template_name = "pages/privacy.html"


class Contacts(TemplateView):
    template_name = "pages/contacts.html"
