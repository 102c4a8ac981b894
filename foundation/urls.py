from django.urls import path

from foundation import mail_views, pages

app_name = "foundation"

urlpatterns = [
    path("help/", pages.Help.as_view(), name="help"),
    path("accessibility/", pages.Accessibility.as_view(), name="accessibility"),
    path("privacy/", pages.Privacy.as_view(), name="privacy"),
    path("contacts/", pages.Contacts.as_view(), name="contacts"),
    path("account/mails/", mail_views.Preferences.as_view(), name="mail-preferences"),
    path("inbox/", mail_views.Inbox.as_view(), name="inbox"),
    path("inbox/<int:pk>/", mail_views.InboxMail.as_view(), name="inbox-mail"),
    path("inbox/<int:pk>/html/", mail_views.InboxHtml.as_view(), name="inbox-html"),
]
