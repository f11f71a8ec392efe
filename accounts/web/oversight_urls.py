"""Addresses of the pages of policies and attestations."""

from django.urls import path

from accounts.web import attestation_pages, policy_pages

urlpatterns = [
    path("policies/", policy_pages.policies_list, name="policies"),
    path("policies/new/", policy_pages.new, name="new_policy"),
    path("policies/<uuid:pk>/", policy_pages.policy, name="policy"),
    path("policies/<uuid:pk>/acknowledge/", policy_pages.acknowledge, name="acknowledge"),
    path("attestations/", attestation_pages.attestations_list, name="attestations"),
    path("attestations/statements/", attestation_pages.statements, name="statements"),
    path("attestations/new/", attestation_pages.new, name="new_attestation"),
    path("attestations/<uuid:pk>/", attestation_pages.attestation, name="attestation"),
    path("attestations/<uuid:pk>/sign/", attestation_pages.sign, name="sign_attestation"),
]
