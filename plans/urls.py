from django.urls import include, path

from . import amendment_views, views

amendments = [
    path("", amendment_views.AmendmentList.as_view(), name="amendment-list"),
    path("<int:pk>/", amendment_views.AmendmentDetail.as_view(), name="amendment-detail"),
    path("<int:pk>/adopt/", amendment_views.AmendmentAdopt.as_view(), name="amendment-adopt"),
    path(
        "<int:pk>/withdraw/", amendment_views.AmendmentWithdraw.as_view(), name="amendment-withdraw"
    ),
]

urlpatterns = [
    path("introduction/", views.Introduction.as_view(), name="plan-introduction"),
    path("conditions/", views.ConditionList.as_view(), name="condition-list"),
    path("conditions/<str:code>/", views.ConditionDetail.as_view(), name="condition-detail"),
    path(
        "conditions/<str:code>/amend/",
        amendment_views.ConditionAmend.as_view(),
        name="condition-amend",
    ),
    path("resources/", views.Resources.as_view(), name="resources-detail"),
    path("follow-up/", views.FollowUp.as_view(), name="follow-up-detail"),
    path("frameworks/", views.FrameworkList.as_view(), name="framework-list"),
    path("frameworks/<slug:code>/", views.FrameworkDetail.as_view(), name="framework-detail"),
    path("glossary/", views.Glossary.as_view(), name="glossary"),
    path("references/", views.References.as_view(), name="plan-references"),
    path("source-notes/", views.SourceNotes.as_view(), name="source-notes"),
    path("amendments/", include(amendments)),
]
