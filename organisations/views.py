"""Pages about people: who holds which role, invitations, one's own account."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import DetailView, FormView, ListView, TemplateView
from django.views.i18n import set_language

from foundation.views import KeepsForm, RequiresPermission

from . import (
    access,
    forms,
    languages,
    middleware,
    resources,
    rules,
    selectors,
    services,
)
from .models import Invitation, Membership, User


class SignedIn:
    """A page of which a mixin makes sure that somebody is signed in."""

    request: HttpRequest

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class PeoplePage(SignedIn, RequiresPermission):
    """For administrators, and for approvers as far as their own unit goes."""

    permission = access.VIEW_PEOPLE


# --- Who holds which role ---------------------------------------------------------------------


class MembershipList(PeoplePage, ListView):
    """People by role: all of them for an administrator, those who report for an approver."""

    template_name = "organisations/membership_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Membership]:
        self.filter = forms.PeopleFilter(self.request.GET)
        return selectors.memberships(self.user, **self.filter.terms())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(filter=self.filter, **kwargs)
        context["rows"] = selectors.held(self.user, context["object_list"])
        context["waiting"] = selectors.open_invitations(self.user).count()
        context["everyone"] = self.user.access.everywhere(access.INVITE_ANYONE)
        return context


class MembershipEnd(PeoplePage, KeepsForm):
    """Asks before a role ends, today or on a later day."""

    template_name = "organisations/membership_end.html"
    form_class = forms.EndForm
    success_url = reverse_lazy("membership-list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            membership=self.membership, back_url=self.success_url, **kwargs
        )

    @cached_property
    def membership(self) -> Membership:
        """404 for one that the user does not look after, 403 for one that they may not end."""
        visible = Membership.objects.visible_to(self.user).select_related("user", "unit")
        membership = get_object_or_404(visible, pk=self.kwargs["pk"])
        if not rules.may_handle(
            self.user,
            role=membership.role,
            unit=membership.unit,
            stand_in=membership.stand_in,
        ):
            raise PermissionDenied
        return membership

    def form_valid(self, form: forms.EndForm) -> HttpResponse:
        try:
            services.end_membership(
                actor=self.user, membership=self.membership, on=form.cleaned_data["end"]
            )
        except ValidationError as error:
            forms.add_errors(form, error)
            return self.form_invalid(form)
        messages.success(
            self.request, _("The role of %(name)s ends.") % {"name": self.membership.user}
        )
        return super().form_valid(form)


class UserDeactivate(PeoplePage, DetailView):
    """Asks before an account is closed."""

    permission = access.INVITE_ANYONE
    template_name = "organisations/user_deactivate.html"
    context_object_name = "person"

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.filter(is_active=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=reverse("membership-list"), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self.get_object()
        try:
            services.deactivate_user(actor=self.user, user=person)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The account of %(name)s is closed.") % {"name": person})
        return redirect("membership-list")


# --- Invitations ------------------------------------------------------------------------------


class InvitationList(PeoplePage, ListView):
    """Invitations that wait for an answer."""

    template_name = "organisations/invitation_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Invitation]:
        return selectors.open_invitations(self.user)


class InvitationCreate(PeoplePage, KeepsForm):
    """Invites one person."""

    template_name = "organisations/invitation_form.html"
    form_class = forms.InvitationForm
    success_url = reverse_lazy("invitation-list")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "actor": self.user}

    def form_valid(self, form: forms.InvitationForm) -> HttpResponse:
        try:
            invitation = services.invite(actor=self.user, **form.terms())
        except ValidationError as error:
            forms.add_errors(form, error)
            return self.form_invalid(form)
        except services.MailNotSent:
            form.add_error(None, _("The mail could not be sent. Nobody was invited: try again."))
            return self.form_invalid(form)
        messages.success(
            self.request, _("Invitation sent to %(email)s.") % {"email": invitation.email}
        )
        return super().form_valid(form)

    def form_invalid(self, form: forms.InvitationForm) -> HttpResponse:
        """Another unit than one's own does not exist here; another role is not allowed."""
        if not form.reach.everyone and form.has_error("unit", "invalid_choice"):
            raise Http404
        if not form.reach.everyone and form.has_error("role", "invalid_choice"):
            raise PermissionDenied
        return super().form_invalid(form)


class InvitationUpload(PeoplePage, FormView):
    """Invites everybody whom a file names, or nobody, with a report by row and column."""

    template_name = "organisations/invitation_upload.html"
    form_class = forms.InvitationFileForm
    success_url = reverse_lazy("invitation-list")
    extra_context = {"columns": resources.COLUMNS}

    def form_valid(self, form: forms.InvitationFileForm) -> HttpResponse:
        try:
            rows, unread = resources.read_invitations(form.cleaned_data["file"].read())
            sent = services.invite_many(actor=self.user, rows=rows, unread=unread)
        except services.RowErrors as refused:
            return self._refused(form, refused.errors)
        except services.MailNotSent as failed:
            messages.error(self.request, _not_reached(failed))
            return redirect("invitation-list")
        count = len(sent)
        text = ngettext("%(count)s invitation sent.", "%(count)s invitations sent.", count)
        messages.success(self.request, text % {"count": count})
        return super().form_valid(form)

    def _refused(self, form: forms.InvitationFileForm, errors: Any) -> HttpResponse:
        form.add_error("file", _("Nobody was invited. Correct the rows below, then send it again."))
        return self.render_to_response(self.get_context_data(form=form, errors=errors), status=422)


def _not_reached(failed: services.MailNotSent) -> str:
    addresses = ", ".join(each.email for each in failed.invitations)
    return _("No mail could be sent to %(addresses)s. Invite them again.") % {
        "addresses": addresses
    }


class InvitationWithdraw(PeoplePage, DetailView):
    """Asks before an invitation is withdrawn."""

    template_name = "organisations/invitation_withdraw.html"

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.visible_to(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=reverse("invitation-list"), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            services.withdraw_invitation(actor=self.user, invitation=self.get_object())
        except services.InvitationClosed:
            messages.error(request, _("The invitation was used or had expired already."))
        else:
            messages.success(request, _("The invitation is withdrawn: its link works no more."))
        return redirect("invitation-list")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationAccept(FormView):
    """The page of an invitation's link: a new account, or a role for the account there is."""

    template_name = "organisations/invitation_accept.html"
    form_class = forms.OpenAccountForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.invitation = get_object_or_404(selectors.invitation_of(kwargs["token"]))
        if not Invitation.objects.open().filter(pk=self.invitation.pk).exists():
            return self._page("organisations/invitation_closed.html", 410)
        if request.user.is_authenticated:
            return self._for_account(request.user)
        if User.objects.filter(email=self.invitation.email, is_active=True).exists():
            return self._page("organisations/invitation_sign_in.html", 200)
        return super().dispatch(request, *args, **kwargs)

    def _page(self, template: str, status: int, **context: Any) -> HttpResponse:
        context = {"invitation": self.invitation, **context}
        return render(self.request, template, context, status=status)

    def _for_account(self, user: User) -> HttpResponse:
        if user.email != self.invitation.email:
            return self._page("organisations/invitation_other.html", 403)
        if self.request.method != "POST":
            return self._page("organisations/invitation_join.html", 200)
        try:
            services.join(actor=user, invitation=self.invitation)
        except services.InvitationClosed:
            return self._page("organisations/invitation_closed.html", 410)
        except ValidationError as error:
            return self._page("organisations/invitation_join.html", 409, problems=error.messages)
        messages.success(self.request, _("The role is yours."))
        return redirect("account")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.invitation.name}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "email": self.invitation.email}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(invitation=self.invitation, **kwargs)

    def form_valid(self, form: forms.OpenAccountForm) -> HttpResponse:
        typed = form.cleaned_data
        try:
            services.open_account(
                invitation=self.invitation, name=typed["name"], password=typed["password1"]
            )
        except services.InvitationClosed:
            return self._page("organisations/invitation_closed.html", 410)
        except services.AccountExists:
            return self._page("organisations/invitation_sign_in.html", 409)
        except ValidationError as error:
            forms.add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Your account is ready. Sign in."))
        return redirect("account_login")


# --- One's own account ------------------------------------------------------------------------


class Account(SignedIn, KeepsForm):
    """Name, language, password, two-step sign-in, and the roles one holds."""

    template_name = "organisations/account.html"
    form_class = forms.AccountForm
    success_url = reverse_lazy("account")

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.user.name, "language": self.user.language}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = Membership.objects.filter(user=self.user)
        held = list(own.not_ended().select_related("unit"))
        return super().get_context_data(
            rows=selectors.held(self.user, held),
            two_steps=is_mfa_enabled(self.user),
            **kwargs,
        )

    def form_valid(self, form: forms.AccountForm) -> HttpResponse:
        try:
            services.change_account(actor=self.user, **form.cleaned_data)
        except ValidationError as error:
            forms.add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("Your account is changed."))
        response = super().form_valid(form)
        self.request.session.pop(languages.ASKED, None)
        middleware.remember(response, self.user.own_languages)
        return response


def switch_language(request: HttpRequest) -> HttpResponse:
    """The switch on every page: for the device, and for the account of who is signed in."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and languages.is_known(chosen):
        services.choose_language(actor=request.user, language=chosen)
        request.session[languages.ASKED] = chosen
    return response


class SignUpClosed(TemplateView):
    """There is no sign-up: whoever comes here is told how an account begins."""

    template_name = "account/signup_closed.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render_to_response(self.get_context_data(), status=403)

    post = get
