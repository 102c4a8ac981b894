from django.urls import path

from foundation import pages

app_name = "foundation"

urlpatterns = [
    path("help/", pages.Help.as_view(), name="help"),
    path("accessibility/", pages.Accessibility.as_view(), name="accessibility"),
    path("privacy/", pages.Privacy.as_view(), name="privacy"),
    path("contacts/", pages.Contacts.as_view(), name="contacts"),
]
