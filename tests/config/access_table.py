"""Who may do what at every address: the expected answers, written by hand.

People are letters: A administrator, D data manager, N annotator, R reviewer, J adjudicator,
L regulatory affairs, U auditor.  A method that a row leaves out is answered with 405.
"""

from dataclasses import dataclass
from typing import Any

from accounts.models import Role

LETTERS = {
    "A": Role.ADMINISTRATOR,
    "D": Role.DATA_MANAGER,
    "N": Role.ANNOTATOR,
    "R": Role.REVIEWER,
    "J": Role.ADJUDICATOR,
    "L": Role.REGULATORY,
    "U": Role.AUDITOR,
}
ALL = "".join(LETTERS)
LABELS = "4147007 | SCT | Mass | both"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one method answers: `ok` to the letters in `who`, `no` to the rest of the project.

    `stranger` is for people of another project, None where projects make no difference;
    administrators are strangers nowhere.  `others` names letters with an answer of their own.
    """

    who: str
    ok: int
    no: int = 403
    stranger: int | None = None
    others: dict[str, int] | None = None
    anonymous: int | None = None  # None: led to the sign-in, or 401 from the API
    body: Any = None

    def answer(self, letter: str, *, at_home: bool) -> int:
        """Return the status for somebody with this role, here or in another project."""
        if self.stranger and letter != "A" and not at_home:
            return self.stranger
        if letter in self.who:
            return self.ok
        return (self.others or {}).get(letter, self.no)


def member(who: str, ok: int = 200, **more: Any) -> Rule:
    """Pages of a project: strangers are told that there is nothing."""
    return Rule(who=who, ok=ok, stranger=404, **more)


def record(who: str, ok: int = 200, **more: Any) -> Rule:
    """Pages of a project's record: nothing is there for whoever may not read it."""
    return Rule(who=who, ok=ok, **{"no": 404, "stranger": 404, **more})


def office(who: str, ok: int = 200, **more: Any) -> Rule:
    """Pages of the organisation: a role in any project counts."""
    return Rule(who=who, ok=ok, **more)


NOTHING_TO_MARK = {"version": 1, "annotations": [], "nothing_to_mark": True, "viewed": None}
ACCEPT_STALE = {"version": 7, "decision": "accept"}
SITE: dict[str, dict[str, Rule]] = {
    "home": {"GET": office(ALL)},
    "find": {"GET": office(ALL, 302)},
    "health": {
        "GET": office(ALL, anonymous=200),
        "POST": office("", no=405, anonymous=405),
    },
    "schema": {
        "GET": office(ALL, anonymous=200),  # says what there is, holds nothing
        "POST": office("", no=405, anonymous=405),
    },
    "account_login": {
        "GET": office(ALL, 302, anonymous=200),
        "POST": office(ALL, 302, anonymous=422),
    },
    "account_logout": {"GET": office("", no=405, anonymous=405), "POST": office(ALL, 302)},
    "accounts:locked": {"GET": office(ALL, 302), "POST": office("", no=405, anonymous=405)},
    "accounts:lock": {"POST": office(ALL, 302)},
    "accounts:activity": {"POST": office(ALL)},
    "accounts:status": {
        "GET": office(ALL, anonymous=401),
        "POST": office("", no=405, anonymous=405),
    },
    "accounts:password": {"GET": office(ALL), "POST": office(ALL, 422)},
    "accounts:my_record": {"GET": office(ALL)},
    "accounts:people": {"GET": office("ALU")},
    "accounts:add_person": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:access_reviews": {"GET": office("ALU")},
    "accounts:new_access_review": {"GET": office("A"), "POST": office("A", 409)},
    "accounts:access_review": {"GET": office("ALU")},
    "accounts:sign_access_review": {"POST": office("A", 422)},
    "accounts:roles": {"GET": office("ALU")},
    "accounts:person": {"GET": office("ALU")},
    "accounts:grant_role": {"POST": office("A", 422)},
    "accounts:replace_password": {"POST": office("A", 422)},
    "accounts:close_access": {"POST": office("A", 422)},
    "accounts:person_training": {"GET": office("ALU")},
    "accounts:record_qualification": {"POST": office("A", 422)},
    "accounts:verify_qualification": {"POST": office("AL", 422)},
    "accounts:withdraw_qualification": {"POST": office("AL", 422)},
    "accounts:training": {"GET": office("ALU")},
    "accounts:my_training": {"GET": office(ALL)},
    "accounts:record_training": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:withdraw_training": {"POST": office("A", 302)},
    "accounts:courses": {"GET": office("ALU"), "POST": office("A", 422)},
    "accounts:course": {"GET": office("ALU")},
    "accounts:publish_course": {"POST": office("A", 422)},
    "accounts:require_training": {"POST": office("A", 422)},
    "accounts:end_requirement": {"POST": office("A", 422)},
    "accounts:end_role": {"POST": office("A", 422)},
    "accounts:sessions": {"GET": office("AU")},
    "accounts:session_limits": {"GET": office("AU"), "POST": office("A", 422)},
    "accounts:end_session": {"POST": office("A", 302)},
    "accounts:emergencies": {"GET": office(ALL), "POST": office("ADNRJ", 422)},
    "accounts:emergency": {"GET": record("AL")},
    "accounts:sign_emergency": {"POST": record("AL", 422)},
    "accounts:end_emergency": {"POST": record("AL", 409)},
    "accounts:review_emergency": {"POST": record("AL", 422)},
    "annotations:emergency_images": {"GET": office(ALL, 409)},
    "annotations:emergency_picture": {"GET": office(ALL, 409)},
    "accounts:devices": {"GET": office("ALU")},
    "accounts:add_device": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:device_challenge": {
        "GET": office("", no=405, anonymous=405),
        "POST": office(ALL, anonymous=200),
    },
    "accounts:device_prove": {
        "GET": office("", no=405, anonymous=405),
        "POST": office(ALL, 409, anonymous=409),
    },
    "accounts:device_policies": {"GET": office("ALU")},
    "accounts:device_policy": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:device_browser": {"GET": office("A"), "POST": office("A", 409)},
    "accounts:my_devices": {"GET": office(ALL)},
    "accounts:export_devices": {"GET": office("ALU")},
    "accounts:device_labels": {"GET": office("ALU")},
    "accounts:confirm_device": {"POST": office("", no=404)},  # its holder alone
    "accounts:device_act": {"POST": office("ALU", 422, no=404)},
    "accounts:receive_device": {"POST": office("ALU", 409, no=404)},  # the receiver alone
    "accounts:withdraw_device": {"POST": office("A", 422, no=404, others={"L": 403, "U": 403})},
    "accounts:device": {"GET": office("ALU", no=404)},
    "accounts:bind_device": {"POST": office("A", 302)},
    "accounts:move_device": {"POST": office("A", 422)},
    "organisation": {
        "GET": office("", no=404, anonymous=404),  # none is set up
        "POST": office("", no=405, anonymous=405),
    },
    "organisation_callback": {
        "GET": office("", no=404, anonymous=404),
        "POST": office("", no=405, anonymous=405),
    },
    "accounts:link_identity": {"POST": office("A", 422)},
    "accounts:unlink_identity": {"POST": office("A", 422)},
    "accounts:services": {"GET": office("ALU")},
    "accounts:add_service": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:service": {"GET": office("ALU")},
    "accounts:issue_token": {"POST": office("A", 422)},
    "accounts:hand_over_service": {"POST": office("A", 422)},
    "accounts:close_service": {"POST": office("A", 422)},
    "accounts:revoke_token": {"POST": office("A", 422)},
    "accounts:alerts": {"GET": office("ALU")},
    "accounts:answer_alert": {"POST": office("A", 422)},
    "accounts:facilities": {"GET": office("ALU")},
    "accounts:add_facility": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:facility": {"GET": office("ALU", no=404)},
    "accounts:change_facility": {"GET": office("A"), "POST": office("A", 422)},
    "accounts:attest_facility": {"POST": office("ALU", 422, no=404)},
    "accounts:log_facility": {"POST": office("ALU", 422, no=404)},
    "accounts:ask_range": {"POST": office("A", 422)},
    "accounts:remove_range": {"POST": office("A", 422)},
    "accounts:approve_range": {"POST": office("A", 302)},
    "accounts:decline_range": {"POST": office("A", 422)},
    "accounts:retention": {"GET": office("AL")},
    "accounts:set_period": {"POST": office("AL", 422)},
    "accounts:publish_schedule": {"POST": office("AL", 422)},
    "accounts:holds": {"GET": office("AL"), "POST": office("AL", 422)},
    "accounts:hold": {"GET": record("AL")},
    "accounts:ask_to_lift": {"POST": record("AL", 422)},
    "accounts:lift_hold": {"POST": record("AL", 409)},
    "accounts:erasures": {"GET": office("AL")},
    "accounts:new_erasure": {"GET": office("AL"), "POST": office("AL", 422)},
    "accounts:erasure": {"GET": record("AL")},
    "accounts:sign_erasure": {"POST": record("AL", 422)},
    "accounts:decline_erasure": {"POST": record("AL", 422)},
    "accounts:carry_out": {"POST": record("AL", 409)},
    "accounts:policies": {"GET": office(ALL)},
    "accounts:new_policy": {"GET": office("AL"), "POST": office("AL", 422)},
    "accounts:policy": {"GET": office(ALL)},
    "accounts:acknowledge": {"POST": office(ALL, 422)},
    "accounts:attestations": {"GET": office("ALU")},
    "accounts:statements": {"GET": office("ALU")},
    "accounts:new_attestation": {"GET": office("AL", 302), "POST": office("AL", 404)},
    "accounts:attestation": {"GET": office("ALU")},
    "accounts:sign_attestation": {"POST": office("AL", 422)},
    "ledger:explorer": {"GET": office("ADLU")},
    "ledger:verify": {"POST": record("ADLU", 302)},
    "ledger:verification": {"GET": record("ADLU")},
    "ledger:entry": {"GET": record("ADLU")},
    "ledger:proof": {"GET": record("ADLU", 409)},
    "ledger:receipt": {"GET": record("ADLU")},
    "ledger:checkpoint": {"GET": record("ADLU", 409)},
    "ledger:bundles": {"GET": office("ALU")},
    "ledger:new_bundle": {"GET": office("ALU"), "POST": office("ALU", 422)},
    "ledger:bundle": {"GET": record("ALU")},
    "ledger:bundle_file": {"GET": record("ALU")},
    "ledger:check": {"GET": office("ADLU")},
    "ledger:check_file": {"GET": office("ADLU")},
    "evidence:reports": {"GET": office("ADLU")},
    "evidence:new": {"GET": office("AL"), "POST": office("AL", 422)},
    "evidence:checks": {"GET": office("AL"), "POST": office("AL", 302)},
    "evidence:report": {"GET": record("ADLU")},
    "evidence:finish": {"POST": record("AL", 302, others={"D": 403, "U": 403})},
    "evidence:pdf": {"GET": record("ADLU")},
    "evidence:json": {"GET": record("ADLU")},
}
PROJECT: dict[str, dict[str, Rule]] = {
    "annotations:import": {"GET": member("D")},
    "annotations:import_batch": {"GET": member("D")},
    "annotations:import_end": {"POST": member("D", 302)},
    "annotations:import_list": {"GET": member("D")},
    "annotations:images": {"GET": member("DNRJU")},
    "annotations:quarantine": {"GET": member("D")},
    "annotations:quarantine_item": {"GET": member("D"), "POST": member("D", 422)},
    "annotations:quarantine_frame": {"GET": member("D")},
    "annotations:quarantine_thumbnail": {"GET": member("D")},
    "annotations:worklist": {"GET": member("N")},
    "annotations:reviews": {"GET": member("R")},
    "annotations:records": {"GET": member("DRJLU")},
    "annotations:record": {"GET": member("DNRJLU")},
    "annotations:read": {"GET": member("DNRJU")},
    "annotations:take_up": {"POST": member("N", 409)},
    "annotations:sign": {
        "GET": member("R", others={"N": 409, "J": 409}),
        "POST": member("R", 422, others={"N": 409, "J": 409}),
    },
    "annotations:reopen": {"POST": member("R", 409)},
    "annotations:picture": {"GET": member("DNRJU")},
    "annotations:assignments": {"GET": member("D"), "POST": member("D", 422)},
    "annotations:protocol": {
        "GET": member(ALL),
        "POST": member("D", 302, body={"name": "Chest", "labels": LABELS}),
    },
    "annotations:snapshots": {
        "GET": member("DRJLU"),
        "POST": member("D", 302, body={"name": "Next", "split": "80:10:10"}),
    },
    "annotations:snapshot": {"GET": member("DRJLU")},
    "annotations:export": {"POST": member("D")},
    "annotations:permissions": {
        "GET": member("ADLU"),
        "POST": member("ADL", 422),
    },
    "annotations:withdraw_subject": {"POST": member("ADL", 422)},
    "annotations:permission": {"GET": member("ADLU")},
    "annotations:withdraw_permission": {"POST": member("ADL", 422)},
    "annotations:withdrawal": {"GET": member("ADLU")},
}
API: dict[str, dict[str, Rule]] = {
    "annotations-api:imports": {"POST": member("D", 201, body={"listed": 1})},
    "annotations-api:import": {"GET": member("D")},
    "annotations-api:import_file": {"POST": member("D", 409, body=b"a file")},
    "annotations-api:series": {"GET": member("DNRJU")},
    "annotations-api:thumbnail": {"GET": member("DNRJU")},
    "annotations-api:frame": {"GET": member("DNRJU")},
    "annotations-api:item": {"GET": member("DNRJLU")},
    "annotations-api:draft": {"PUT": member("N", body={"annotations": []}, others={"R": 409})},
    "annotations-api:submit": {"POST": member("N", 201, body=NOTHING_TO_MARK)},
    "annotations-api:review": {"POST": member("R", 409, body=ACCEPT_STALE)},
}
TABLE = SITE | PROJECT | API
