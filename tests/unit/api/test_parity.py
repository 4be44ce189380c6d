"""Whatever one edge can do, the others can: every verb has a route, a command and a method, or a reason."""

from collections.abc import Iterator, Mapping
from typing import cast

from fastapi.routing import APIRoute
from typer.main import get_command

from perennial.access.approvals import Approvals
from perennial.access.audit import AuditLog
from perennial.access.members import Members
from perennial.access.sources import Sources
from perennial.access.tokens import Tokens
from perennial.api import Application, Workspace, create_app
from perennial.api.segment_ports import SegmentWork
from perennial.cli import app as command_line
from perennial.testing.installation import FakeInstallation

# operation of the API: (command, method of the library)
VERBS = {
    "init_workspace": ("init", "init"),
    "count_events": ("events count", "count_events"),
    "count_people": ("people count", "count_people"),
    "list_people": ("people list", "list_people"),
    "create_segment": ("segment create", "save_segment"),
    "list_segments": ("segment list", "list_segments"),
    "refresh_segments": ("segment refresh", "refresh_segments"),
    "segment_people": ("segment people", "segment_people"),
    "show_segment": ("segment show", "show_segment"),
    "preview_segment": ("segment preview", "preview_segment"),
    "combine_segments": ("segment combine", "combine_segments"),
    "overlap_segments": ("segment overlap", "overlap_segments"),
    "freeze_segment": ("segment freeze", "freeze_segment"),
    "load_segment": ("segment load", "load_segment"),
    "change_members": ("segment change", "change_members"),
    "list_members": ("segment members", "list_members"),
    "sample_segment": ("segment sample", "sample_segment"),
    "segment_sizes": ("segment sizes", "segment_sizes"),
    "run_insight": ("insight run", "run_insight"),
    "insight_people": ("insight people", "insight_people"),
    "save_insight_people": ("insight segment", "save_insight_people"),
    "export_insight": ("insight run", "export_insight"),
    "save_insight": ("insight save", "save_insight"),
    "list_insights": ("insight list", "list_insights"),
    "show_insight": ("insight show", "show_insight"),
    "remove_insight": ("insight delete", "remove_insight"),
    "save_board": ("board save", "save_board"),
    "list_boards": ("board list", "list_boards"),
    "show_board": ("board show", "show_board"),
    "remove_board": ("board delete", "remove_board"),
    "run_board": ("board run", "run_board"),
    "export_board": ("board run", "export_board"),
    "list_board_templates": ("board template", "list_board_templates"),
    "show_board_template": ("board template", "show_board_template"),
    "share_board": ("board share", "share_board"),
    "list_shares": ("board shares", "list_shares"),
    "revoke_share": ("board unshare", "revoke_share"),
    "find_people": ("people search", "find_people"),
    "show_person": ("people show", "show_person"),
    "person_events": ("people events", "person_events"),
    "why_journey": ("journey why", "why_journey"),
    "why_person": ("people why", "why_person"),
    "person_segments": ("people segments", "person_segments"),
    "person_segment_history": ("people segment-history", "person_segment_history"),
    "create_tag": ("tag create", "save_tag"),
    "list_tags": ("tag list", "list_tags"),
    "refresh_tags": ("tag refresh", "refresh_tags"),
    "tag_values": ("tag values", "tag_values"),
    "diff_tag": ("tag diff", "diff_tag"),
    "tag_transitions": ("tag transitions", "tag_transitions"),
    "tag_lineage": ("tag lineage", "tag_lineage"),
    "show_tag_preset": ("tag preset", "tag_preset"),
    "list_tag_presets": ("tag preset", "tag_presets"),
    "dispute_tag": ("tag dispute", "dispute_tag"),
    "list_disputes": ("tag disputes", "list_disputes"),
    "person_tags": ("people tags", "person_tags"),
    "create_template": ("template create", "save_template"),
    "list_templates": ("template list", "list_templates"),
    "validate_journey": ("journey validate", "validate_journey"),
    "list_plays": ("journey playbook", "list_plays"),
    "show_play": ("journey playbook", "show_play"),
    "diff_journey": ("journey diff", "diff_journey"),
    "test_journey": ("journey test", "test_journey"),
    "start_backtest": ("journey backtest", "backtest_journey"),
    "list_backtests": ("journey backtests", "list_backtests"),
    "publish_journey": ("journey publish", "publish_journey"),
    "plan_journey": ("journey plan", "plan_journey"),
    "list_journey_versions": ("journey versions", "list_journey_versions"),
    "show_journey_version": ("journey versions", "show_journey_version"),
    "enter_journey": ("journey enter", "enter_journey"),
    "pause_journey": ("journey pause", "pause_journey"),
    "resume_journey": ("journey resume", "resume_journey"),
    "end_journey": ("journey end", "end_journey"),
    "list_journeys": ("journey list", "list_journeys"),
    "read_journey": ("journey read", "read_journey"),
    "show_journey": ("journey show", "show_journey"),
    "read_today": ("today", "read_today"),
    "doctor": ("doctor", "doctor"),
    "list_messages": ("messages list", "list_messages"),
    "list_rejects": ("rejects list", "list_rejects"),
    "show_reject": ("rejects show", "show_reject"),
    "count_rejects": ("rejects count", "count_rejects"),
    "replay_rejects": ("rejects replay", "replay_rejects"),
    "start_import": ("import run", "import_file"),
    "suggest_mapping": ("import suggest", "suggest_mapping"),
    "save_database_source": ("database-source create", "save_database_source"),
    "list_database_sources": ("database-source list", "list_database_sources"),
    "run_database_source": ("database-source run", "run_database_source"),
    "remove_database_source": ("database-source remove", "remove_database_source"),
    "save_database_export": ("database-export create", "save_database_export"),
    "list_database_exports": ("database-export list", "list_database_exports"),
    "run_database_export": ("database-export run", "run_database_export"),
    "remove_database_export": ("database-export remove", "remove_database_export"),
    "export_events": ("export events", "export_events"),
    "export_people": ("export people", "export_people"),
    "export_segment": ("export segment", "export_segment"),
    "list_sources": ("source list", "list_sources"),
    "create_source": ("source create", "create_source"),
    "limit_source": ("source limit", "limit_source"),
    "rotate_source": ("source rotate", "rotate_source"),
    "revoke_source": ("source revoke", "revoke_source"),
    "make_set_up_link": ("member set-up", "make_set_up_link"),
    "list_team": ("member list", "list_members"),
    "invite_member": ("member invite", "invite_member"),
    "change_role": ("member role", "change_role"),
    "remove_member": ("member remove", "remove_member"),
    "reset_member": ("member reset", "make_reset_link"),
    "list_approvals": ("approval list", "list_approvals"),
    "approve_change": ("approval approve", "decide_approval"),
    "reject_change": ("approval reject", "decide_approval"),
    "show_approval_rules": ("approval rules", "approval_rules"),
    "set_approval_rules": ("approval require", "set_approval_rules"),
    "list_entries": ("audit list", "list_entries"),
    "list_tokens": ("token list", "list_tokens"),
    "create_token": ("token create", "create_token"),
    "revoke_token": ("token revoke", "revoke_token"),
    "list_workspaces": ("workspace list", "list_workspaces"),
    "read_workspace": ("workspace show", "list_workspaces"),
    "change_workspace": ("workspace set", "change_workspace"),
    "remove_workspace": ("workspace delete", "remove_workspace"),
    "list_schema_events": ("schema events", "list_schema_events"),
    "list_schema_properties": ("schema properties", "list_schema_properties"),
    "describe_schema": ("schema describe", "describe_schema"),
    "schema_drift": ("schema drift", "schema_drift"),
    "suggest_pii": ("schema pii", "suggest_pii"),
    "validate_plan": ("plan validate", "validate_plan"),
    "publish_plan": ("plan publish", "publish_plan"),
    "show_plan": ("plan show", "show_plan"),
    "plan_schema": ("plan schema", "plan_schema"),
    "report_plan": ("plan report", "report_plan"),
    "validate_cleaning": ("cleaning validate", "validate_cleaning"),
    "publish_cleaning": ("cleaning publish", "publish_cleaning"),
    "show_cleaning": ("cleaning show", "show_cleaning"),
    "report_cleaning": ("cleaning report", "report_cleaning"),
    "validate_retention": ("retention validate", "validate_retention"),
    "publish_retention": ("retention publish", "publish_retention"),
    "show_retention": ("retention show", "show_retention"),
    "preview_retention": ("retention preview", "preview_retention"),
    "run_retention": ("retention run", "run_retention"),
    "list_removals": ("retention runs", "list_removals"),
    "validate_policy": ("policy validate", "validate_policy"),
    "publish_policy": ("policy publish", "publish_policy"),
    "show_policy": ("policy show", "show_policy"),
    "forecast_policy": ("policy forecast", "forecast_policy"),
    "send_message": ("messages send", "send_message"),
    "ask_consent": ("people ask-consent", "ask_consent"),
    "retry_messages": ("messages retry", "retry_messages"),
    "show_webhook_secret": ("webhooks secret", "show_webhook_secret"),
    "report_message": ("messages report", "report_message"),
    "report_mail": ("messages report-mail", "report_mail"),
    "preview_template": ("template preview", "preview_template"),
    "try_template": ("template try", "try_template"),
    "list_suppressions": ("suppressions list", "list_suppressions"),
    "import_suppressions": ("suppressions import", "import_suppressions"),
    "remove_suppression": ("suppressions remove", "remove_suppression"),
    "show_identity": ("people identity", "show_identity"),
    "unmerge_people": ("people unmerge", "unmerge_people"),
    "list_quarantined": ("identity quarantined", "list_quarantined"),
    "release_quarantined": ("identity release", "release_quarantined"),
    "validate_identity": ("identity validate", "validate_identity"),
    "publish_identity": ("identity publish", "publish_identity"),
    "show_identity_rules": ("identity show", "show_identity_rules"),
    "erase_person": ("people erase", "erase_person"),
    "list_consents": ("people consents", "list_consents"),
    "export_person": ("people export", "export_person"),
    "list_erasures": ("people erasures", "list_erasures"),
    "show_erasure": ("people erasure", "show_erasure"),
    "list_channels": ("channels list", "list_channels"),
    "save_channel": ("channels save", "save_channel"),
    "list_codes": ("channels codes", "list_codes"),
    "save_code": ("channels code", "save_code"),
    "draw_code": ("channels qr", "draw_code"),
    "save_cost": ("channels cost", "save_cost"),
    "import_costs": ("channels import-costs", "import_costs"),
    "list_costs": ("channels costs", "list_costs"),
    "report_channels": ("channels report", "report_channels"),
}
ROUTES_ALONE = {
    "read_shared_board": "whoever was given a link opens it",
    "read_health": "a command finds out by asking; the library is its own health",
    "read_import": "the command and the library wait for their import; over HTTP it is watched",
    "cancel_import": "the command is interrupted, the library passes `is_cancelled`",
    "upload_import": "the command and the library name a file where it lies",
    "upload_segment": "the command and the library name a file where it lies",
    "read_export": "the command and the library wait for their export; over HTTP it is watched",
    "cancel_export": "the command is interrupted, the library passes `is_cancelled`",
    "download_export": "the command and the library write to a place",
    "read_backtest": "the command and the library wait for their backtest; over HTTP it is watched",
    "cancel_backtest": "the command is interrupted, the library passes `is_cancelled`",
    "record_consent": "on the command line a consent is an imported line, with its own time",
    "read_session": "a browser asks what it may open; the command line says `--workspace`",
    "end_session": "a browser logs out; the command line has no session",
    "sign_in": "a browser signs in; the command line is the machine's own",
    "end_all_sessions": "see end_session",
    "change_password": "see sign_in; `member reset` is for whoever lost theirs",
    "watch_calls": "`perennial debugger`; nobody calls a library over HTTP",
    "make_console_link": "`perennial console`; a library has no browser",
}
COMMANDS_ALONE = {
    "console": "see the route make_console_link",
    "debugger": "see the route watch_calls",
    "serve": "it is what answers the routes",
    "work": "it is `serve` without the routes",
    "demo": "it makes an installation to look at",
    "mailbox": "it stands in for a mail server and opens no installation",
}
METHODS_ALONE = {
    "lint_journey": "the warnings of the route validate_journey",
    "show_backtest": "see the route read_backtest",
    "record_consent": "see the route",
    "share_named": "what a link's limit is counted by",
    "read_shared_board": "whoever was given a link opens it",
    "upload_place": "see the route upload_import",
    "download_place": "see the route download_export",
    "submit_calls": "the tracking calls under /v1",
    "follow_code": "visitors follow `/c/CODE`",
    "keep_click": "see follow_code",
    "read_link": "those who got a message follow `/l/TOKEN`",
    "read_picture": "and their mail programs load `/o/TOKEN`",
    "note_look": "see read_link",
    "show_choices": "those who got a message choose at `/u/TOKEN`",
    "choose": "see show_choices",
    "unsubscribe": "see show_choices",
    "show_confirmation": "those who are asked for a consent confirm it at `/y/TOKEN`",
    "confirm": "see show_confirmation",
    "unsubscribe_all": "see show_choices",
    "serve_at": "what is served says where",
    "wait_accepted": "every read of the command line, and `?wait=accepted`",
    "workspace": "`--workspace`, and the header of the same meaning",
    "authenticate_write": "who may call, not a verb",
    "authenticate_token": "who may call, not a verb",
    "limit_of": "who may call, not a verb",
    "authenticate": "who may call, not a verb",
    "find_by_email": "who acted, not a verb",
    "find_members": "who acted, not a verb",
    "require_approval": "what such a change does first, not a verb",
    "begin_entry": "what every change does, not a verb",
    "end_entry": "see begin_entry",
    "has_owner": "whether `serve` may listen for others",
    "redeem_link": "the page that a member's link opens",
    "sign_in": "see the route",
    "sign_out": "see the route end_session",
    "sign_out_everywhere": "see the route end_all_sessions",
    "change_password": "see the route",
    "start": "`serve`",
}
VALUES = {"name", "zone", "clock", "sources", "members", "tokens", "audit", "approvals", "public_url"}


def test_every_route_has_a_command_and_a_method_or_a_reason() -> None:
    routes = {route.name for route in create_app(FakeInstallation()).routes if isinstance(route, APIRoute)}
    api = create_app(FakeInstallation()).openapi()["paths"]
    operations = {
        verb["operationId"]
        for path, verbs in api.items()
        if path.startswith("/api/")
        for verb in verbs.values()
    }
    assert routes <= operations
    assert operations == VERBS.keys() | ROUTES_ALONE.keys()


def test_every_command_has_a_route_or_a_reason() -> None:
    assert set(_commands()) == {command for command, _ in VERBS.values()} | COMMANDS_ALONE.keys()


def test_every_method_has_a_route_or_a_reason() -> None:
    kinds = (Application, Workspace, SegmentWork, Sources, Members, Tokens, AuditLog, Approvals)
    methods = {name for kind in kinds for name in dir(kind) if not name.startswith("_")}
    assert methods - VALUES == {method for _, method in VERBS.values()} | METHODS_ALONE.keys()


def _commands() -> Iterator[str]:
    for name, command in _inside(get_command(command_line)).items():
        inner = _inside(command)
        yield from [f"{name} {word}" for word in inner] or [name]


def _inside(command: object) -> Mapping[str, object]:
    # Typer keeps its classes of commands to itself; a group is known by having commands.
    return cast("Mapping[str, object]", getattr(command, "commands", {}))
