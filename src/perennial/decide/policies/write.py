"""A policy as the document that says the same."""

from datetime import timedelta

from perennial.decide.policies.model import FrequencyCap, GatePolicy, QuietHours, Reach
from perennial.decide.policies.topics import topic_document
from perennial.kernel.values import Json
from perennial.kernel.windows import format_duration


def policy_document(policy: GatePolicy) -> dict[str, Json]:
    """The document of a policy: what `parse_policy` reads as the same."""
    return {
        "caps": [_cap(cap) for cap in policy.caps],
        "quiet_hours": [_quiet(hours) for hours in policy.quiet_hours],
        "rates": {
            channel: {"per_second": rate.per_second, "burst": rate.burst}
            for channel, rate in policy.rates.items()
        },
        "best_hour": f"{policy.best_hour:%H:%M}",
        "topics": {topic: topic_document(words) for topic, words in policy.topics.items()},
        # At most four decimals of a percent can be written, so rounding gives back what was read.
        "holdout": "none" if policy.holdout is None else f"{round(policy.holdout.share * 100, 4):g}%",
    }


def _cap(cap: FrequencyCap) -> Json:
    per = format_duration(cap.window) if isinstance(cap.window, timedelta) else cap.window
    together: dict[str, Json] = {"together": True} if cap.together else {}
    return {"at_most": cap.limit, "per": per, **_reach(cap.reach), **together}


def _quiet(hours: QuietHours) -> Json:
    spread: dict[str, Json] = {"spread": format_duration(hours.spread)} if hours.spread else {}
    return {"from": f"{hours.start:%H:%M}", "to": f"{hours.end:%H:%M}", **_reach(hours.reach), **spread}


def _reach(reach: Reach) -> dict[str, Json]:
    topics: dict[str, Json] = {"topics": list(reach.topics)} if reach.topics else {}
    channels: dict[str, Json] = {"channels": list(reach.channels)} if reach.channels else {}
    return {**topics, **channels}
