"""The pages of this app: the gate under allauth's own names, the rest in our namespace."""

from django.urls import include, path

from accounts.web import (
    alert_pages,
    device_pages,
    erasure_pages,
    hold_pages,
    people_pages,
    person_pages,
    retention_pages,
    service_pages,
    session_limit_pages,
    session_pages,
    sign_in_pages,
)

pages = [
    path("locked/", sign_in_pages.locked, name="locked"),
    path("session/lock/", session_pages.lock, name="lock"),
    path("session/activity/", session_pages.activity, name="activity"),
    path("session/status/", session_pages.status, name="status"),
    path("password/", sign_in_pages.password, name="password"),
    path("me/", person_pages.my_record, name="my_record"),
    path("people/", people_pages.people, name="people"),
    path("people/new/", people_pages.add, name="add_person"),
    path("people/<uuid:pk>/", person_pages.person, name="person"),
    path("people/<uuid:pk>/roles/", people_pages.grant_role, name="grant_role"),
    path("people/<uuid:pk>/password/", people_pages.replace_password, name="replace_password"),
    path("people/<uuid:pk>/close/", people_pages.close_access, name="close_access"),
    path("roles/<uuid:pk>/end/", people_pages.end_role, name="end_role"),
    path("sessions/", session_pages.sessions_list, name="sessions"),
    path("sessions/limits/", session_limit_pages.limits, name="session_limits"),
    path("sessions/<uuid:pk>/end/", session_pages.end, name="end_session"),
    path("devices/", device_pages.devices_list, name="devices"),
    path("devices/new/", device_pages.add, name="add_device"),
    path("devices/<uuid:pk>/", device_pages.device, name="device"),
    path("devices/<uuid:pk>/bind/", device_pages.bind, name="bind_device"),
    path("devices/<uuid:pk>/move/", device_pages.move, name="move_device"),
    path("services/", service_pages.services_list, name="services"),
    path("services/new/", service_pages.add, name="add_service"),
    path("services/<uuid:pk>/", service_pages.service, name="service"),
    path("services/<uuid:pk>/tokens/", service_pages.issue, name="issue_token"),
    path("services/<uuid:pk>/owner/", service_pages.hand_over, name="hand_over_service"),
    path("services/<uuid:pk>/close/", service_pages.close, name="close_service"),
    path("tokens/<uuid:pk>/revoke/", service_pages.revoke, name="revoke_token"),
    path("alerts/", alert_pages.alerts_list, name="alerts"),
    path("alerts/<uuid:pk>/answer/", alert_pages.acknowledge, name="answer_alert"),
    path("retention/", retention_pages.retention, name="retention"),
    path("retention/period/", retention_pages.set_period, name="set_period"),
    path("retention/publish/", retention_pages.publish, name="publish_schedule"),
    path("retention/holds/", hold_pages.holds, name="holds"),
    path("retention/holds/<uuid:pk>/", hold_pages.hold, name="hold"),
    path("retention/holds/<uuid:pk>/ask/", hold_pages.ask_to_lift, name="ask_to_lift"),
    path("retention/holds/<uuid:pk>/lift/", hold_pages.lift, name="lift_hold"),
    path("retention/erasures/", erasure_pages.erasures, name="erasures"),
    path("retention/erasures/new/", erasure_pages.new, name="new_erasure"),
    path("retention/erasures/<uuid:pk>/", erasure_pages.erasure, name="erasure"),
    path("retention/erasures/<uuid:pk>/sign/", erasure_pages.sign, name="sign_erasure"),
    path(
        "retention/erasures/<uuid:pk>/decline/", erasure_pages.decline, name="decline_erasure"
    ),
    path("retention/erasures/<uuid:pk>/go-on/", erasure_pages.carry_out, name="carry_out"),
]

urlpatterns = [
    path("sign-in/", sign_in_pages.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in_pages.SignOut.as_view(), name="account_logout"),
    path("", include((pages, "accounts"))),
]
