"""Who may call what: one row for every route of the interface, by the operation's name.

A route without a row opens only to whoever may all that a token can, and fails a test. Roles are sets of
these permissions (`access/roles.py`), and so are the scopes of tokens.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from perennial.access.roles import MACHINE, TOKEN_SCOPES, Actor, Permission
from perennial.api.problems import Forbidden

Need = Permission | Literal["anybody", "signed in", "machine"]
"""`anybody` needs nothing; `signed in` any member, or a link's session; `machine` the local token."""

_BY_NEED: Mapping[Need, Sequence[str]] = {
    "anybody": ("read_health", "sign_in", "read_shared_board"),
    "signed in": ("read_session", "end_session", "end_all_sessions", "change_password"),
    "machine": (
        "init_workspace",
        "list_workspaces",
        "change_workspace",
        "remove_workspace",
        "make_console_link",
        "make_set_up_link",
        "start_import",
        "suggest_mapping",
        "load_segment",
    ),
    "look": (
        "read_workspace",
        "read_today",
        "count_events",
        "count_people",
        "list_segments",
        "show_segment",
        "preview_segment",
        "combine_segments",
        "run_insight",
        "export_insight",
        "list_insights",
        "show_insight",
        "list_boards",
        "show_board",
        "run_board",
        "export_board",
        "list_board_templates",
        "show_board_template",
        "list_shares",
        "overlap_segments",
        "segment_sizes",
        "list_tags",
        "diff_tag",
        "tag_transitions",
        "tag_lineage",
        "show_tag_preset",
        "list_tag_presets",
        "list_templates",
        "validate_journey",
        "list_journeys",
        "read_journey",
        "show_journey",
        "test_journey",
        "diff_journey",
        "plan_journey",
        "list_journey_versions",
        "show_journey_version",
        "list_plays",
        "show_play",
        "start_backtest",
        "list_backtests",
        "read_backtest",
        "cancel_backtest",
        "doctor",
        "list_schema_events",
        "list_schema_properties",
        "schema_drift",
        "suggest_pii",
        "validate_plan",
        "show_plan",
        "plan_schema",
        "report_plan",
        "validate_cleaning",
        "show_cleaning",
        "report_cleaning",
        "validate_retention",
        "show_retention",
        "preview_retention",
        "list_removals",
        "validate_policy",
        "show_policy",
        "forecast_policy",
        "validate_identity",
        "show_identity_rules",
        "list_sources",
        "list_channels",
        "list_codes",
        "draw_code",
        "list_costs",
        "report_channels",
        "count_rejects",
        "list_approvals",
        "approve_change",
        "reject_change",
        "show_approval_rules",
        "list_database_sources",
        "list_database_exports",
    ),
    "people:read": (
        "list_people",
        "find_people",
        "show_person",
        "person_events",
        "why_person",
        "why_journey",
        "person_segments",
        "person_segment_history",
        "person_tags",
        "show_identity",
        "list_consents",
        "segment_people",
        "sample_segment",
        "insight_people",
        "list_members",
        "tag_values",
        "list_disputes",
        "list_messages",
        "list_suppressions",
        "preview_template",
        "list_rejects",
        "show_reject",
        "list_quarantined",
        "watch_calls",
    ),
    "people:write": (
        "record_consent",
        "dispute_tag",
        "change_members",
        "import_suppressions",
        "ask_consent",
        "remove_suppression",
    ),
    "people:erase": (
        "erase_person",
        "list_erasures",
        "show_erasure",
        "export_person",
        "unmerge_people",
        "release_quarantined",
    ),
    "define": (
        "create_segment",
        "freeze_segment",
        "save_insight_people",
        "save_insight",
        "remove_insight",
        "save_board",
        "remove_board",
        "refresh_segments",
        "create_tag",
        "refresh_tags",
        "create_template",
        "save_channel",
        "save_code",
        "save_cost",
        "import_costs",
    ),
    "publish": ("publish_journey", "pause_journey", "resume_journey", "end_journey"),
    "send": (
        "send_message",
        "enter_journey",
        "retry_messages",
        "report_message",
        "report_mail",
        "try_template",
    ),
    "data": ("describe_schema", "publish_plan", "publish_cleaning", "replay_rejects"),
    "import": ("upload_import", "upload_segment", "read_import", "cancel_import"),
    "export": (
        "export_events",
        "export_people",
        "export_segment",
        "share_board",
        "revoke_share",
        "read_export",
        "cancel_export",
        "download_export",
    ),
    "settings": (
        "show_webhook_secret",
        "create_source",
        "limit_source",
        "rotate_source",
        "revoke_source",
        "publish_retention",
        "run_retention",
        "publish_policy",
        "publish_identity",
        "save_database_source",
        "run_database_source",
        "remove_database_source",
        "save_database_export",
        "run_database_export",
        "remove_database_export",
    ),
    "members": (
        "list_team",
        "invite_member",
        "change_role",
        "remove_member",
        "reset_member",
        "list_tokens",
        "create_token",
        "revoke_token",
    ),
    "audit": ("list_entries",),
    "owner": ("set_approval_rules",),
}

NEEDS: Mapping[str, Need] = {
    operation: need for need, operations in _BY_NEED.items() for operation in operations
}
"""What each operation needs."""

UNDER_APPROVAL: Mapping[str, Permission] = {
    operation: need
    for need in ("define", "publish", "data", "export", "settings")
    for operation in _BY_NEED[need]
    if operation not in ("read_export", "cancel_export", "download_export", "replay_rejects", "revoke_share")
}
"""What a workspace can ask a second person for: changes of what is done to people, and rows going out."""


def require(actor: Actor, operation: str, workspace: str) -> None:
    """Raise Forbidden unless whoever asks may call this in a workspace."""
    need = NEEDS.get(operation)
    if need == "machine":
        is_allowed = actor is MACHINE
    elif need is None:
        is_allowed = actor.permissions_in(workspace) >= TOKEN_SCOPES
    elif need in ("anybody", "signed in"):
        is_allowed = True
    else:
        is_allowed = actor.may(need, workspace)
    if not is_allowed:
        raise Forbidden(_refusal(need), hint=_HINTS[actor.kind])


def _refusal(need: Need | None) -> str:
    if need == "machine":
        return "This is done on the server's own machine only."
    return f"This needs the permission {need or 'of everything'!r} in this workspace."


_HINTS: Mapping[str, str] = {
    "machine": "Run `perennial` on that machine; calls from elsewhere go to /v1/batch.",
    "member": "Somebody with the role owner or admin can give you one that has it.",
    "token": "`perennial token create` makes one with other scopes.",
}
