from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from . import reorganisation_views, views
from .population_views import PopulationImport
from .unit_views import UnitContacts, UnitDetail

#: Of allauth only what is used: no sign-up, no e-mail management, no sign-in by code.
accounts = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("signup/", views.SignUpClosed.as_view(), name="account_signup"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path(
        "password/reset/done/",
        allauth_views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]

people = [
    path("", views.MembershipList.as_view(), name="membership-list"),
    path("<int:pk>/end/", views.MembershipEnd.as_view(), name="membership-end"),
    path("accounts/<int:pk>/close/", views.UserDeactivate.as_view(), name="user-deactivate"),
    path("invitations/", views.InvitationList.as_view(), name="invitation-list"),
    path("invitations/new/", views.InvitationCreate.as_view(), name="invitation-create"),
    path("invitations/file/", views.InvitationUpload.as_view(), name="invitation-upload"),
    path(
        "invitations/<int:pk>/withdraw/",
        views.InvitationWithdraw.as_view(),
        name="invitation-withdraw",
    ),
    path("invitations/<str:token>/", views.InvitationAccept.as_view(), name="invitation-accept"),
]

zones = [
    path("", reorganisation_views.ReorganisationList.as_view(), name="reorganisation-list"),
    path("merge/", reorganisation_views.MergerChoose.as_view(), name="merger-choose"),
    path("merge/describe/", reorganisation_views.MergerDescribe.as_view(), name="merger-describe"),
    path("split/", reorganisation_views.SplitChoose.as_view(), name="split-choose"),
    path("split/describe/", reorganisation_views.SplitDescribe.as_view(), name="split-describe"),
    path("populations/", PopulationImport.as_view(), name="population-import"),
    path(
        "<int:pk>/",
        reorganisation_views.ReorganisationDetail.as_view(),
        name="reorganisation-detail",
    ),
    path(
        "<int:pk>/undo/",
        reorganisation_views.ReorganisationUndo.as_view(),
        name="reorganisation-undo",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", views.switch_language, name="set-language"),
    path("accounts/", include(accounts)),
    path("account/", views.Account.as_view(), name="account"),
    path("people/", include(people)),
    path("zones/", include(zones)),
    path("units/<slug:slug>/", UnitDetail.as_view(), name="unit-detail"),
    path("units/<slug:slug>/contacts/", UnitContacts.as_view(), name="unit-contacts"),
]
