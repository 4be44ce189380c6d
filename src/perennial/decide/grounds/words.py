"""A ground as a sentence, in English and 简体中文."""

from collections.abc import Mapping
from datetime import datetime

from perennial.decide.grounds.model import Ground, GroundRule
from perennial.kernel.conditions import LANGUAGES, Language
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_ENGLISH: Mapping[GroundRule, str] = {
    "no_event": "Did not enter: {subject} never happened.",
    "imported": "Did not enter: {subject} of {at} was imported, and imported events start nothing.",
    "before_publication": "Did not enter: {subject} of {at} came before the publication ({threshold}).",
    "no_match": "Did not enter: {subject} of {at} is not as the entry asks ({detail}).",
    "first_fill": "Did not enter: they were in the segment already when it was first counted.",
    "too_old": "Did not enter: {subject} of {at} was heard of {value} later, not {threshold} at most.",
    "no_key": "Did not enter: {subject} of {at} has no {threshold}, which is the key.",
    "repeated": "{subject} of {at} has let them in before.",
    "already_enrolled": "Did not enter with {subject} of {at}: they were in under {value!r} already.",
    "reentry": "Did not enter with {subject} of {at}: the rule of re-entry is {threshold}.",
    "condition": "Did not enter with {subject} of {at}: the entry's condition did not hold ({detail}).",
    "not_a_member": "Did not enter: they are not in the segment {subject}. {detail}",
    "member_already": "Did not enter: in the segment {subject} since {at}, before publication ({threshold}).",
    "journey_not_live": "Nobody enters: the journey is {value} since {at}.",
    "not_heard_yet": "{subject} of {at} meets the entry; it was not acted upon, or not yet.",
    "entered": "Entered at {at} by version {value}, as run number {threshold}.",
    "waiting": "Waits at {subject} since {value} until {at} ({detail}).",
    "moving": "Stands at {subject} since {value} and moves on at the next turn.",
    "paused": "Stands at {subject} since {value}; the journey is paused, and everybody keeps their place.",
    "left_exit_node": "Left at {at} at the exit {subject} with the outcome {value}.",
    "left_exit_rule": "Left at {at} from {subject}: exit rule {value} was met ({detail}).",
    "left_ended": "Left at {at} from {subject}: the journey was ended.",
    "left_quarantined": "Was set aside at {at} at {subject}: {value}.",
    "goal_reached": "Reached the goal at {at}; it counted until {threshold}.",
    "goal_open": "Has not reached the goal; it counts until {threshold}.",
    "goal_missed": "Did not reach the goal by {threshold}.",
    "message_sent": "The message of {subject} was sent at {at}.",
    "message_held": "The message of {subject} is held until {at}: {detail}",
    "message_dropped": "The message of {subject} was dropped: {detail}",
    "message_withheld": "The message of {subject} was withheld at {at}: {value}.",
    "message_other": "The message of {subject} is {value}. {detail}",
    "arm_without_control": "Is treated: the journey has no control.",
    "arm_by_hash": "Is {subject}: their place is {value}, and control is below {threshold}.",
    "arm_kept": "Is {subject}: the first entry's arm is kept. Place {value}, control now below {threshold}.",
    "held_out": "Is in the global holdout ({value} is below {threshold}): marketing is withheld.",
}
_CHINESE: Mapping[GroundRule, str] = {
    "no_event": "未进入：从未发生过 {subject}。",
    "imported": "未进入：{at} 的 {subject} 是导入的，导入的事件不会触发旅程。",
    "before_publication": "未进入：{subject} 发生于 {at}，早于旅程发布时间（{threshold}）。",
    "no_match": "未进入：{at} 的 {subject} 不符合进入条件（{detail}）。",
    "first_fill": "未进入：人群首次计算时此人已在其中。",
    "too_old": "未进入：收到 {at} 的 {subject} 时它已过去 {value}，最多接受 {threshold}。",
    "no_key": "未进入：{at} 的 {subject} 没有作为键的 {threshold}。",
    "repeated": "{at} 的 {subject} 已让此人进入过。",
    "already_enrolled": "{at} 的 {subject} 未能进入：此人已在键 {value!r} 下处于旅程中。",
    "reentry": "{at} 的 {subject} 未能进入：再次进入的规则是 {threshold}。",
    "condition": "{at} 的 {subject} 未能进入：进入条件不成立（{detail}）。",
    "not_a_member": "未进入：此人不在人群 {subject} 中。{detail}",
    "member_already": "未进入：此人自 {at} 起就在人群 {subject} 中，早于旅程发布（{threshold}）。",
    "journey_not_live": "无人进入：旅程自 {at} 起为 {value} 状态。",
    "not_heard_yet": "{at} 的 {subject} 符合进入条件，但未被处理，或尚未处理。",
    "entered": "于 {at} 进入，版本 {value}，第 {threshold} 次。",
    "waiting": "自 {value} 起在 {subject} 等待，直到 {at}（{detail}）。",
    "moving": "自 {value} 起位于 {subject}，下一轮继续。",
    "paused": "自 {value} 起位于 {subject}；旅程已暂停，所有人保留位置。",
    "left_exit_node": "于 {at} 在出口 {subject} 离开，结果为 {value}。",
    "left_exit_rule": "于 {at} 从 {subject} 离开：满足了第 {value} 条退出规则（{detail}）。",
    "left_ended": "于 {at} 从 {subject} 离开：旅程已结束。",
    "left_quarantined": "于 {at} 在 {subject} 被隔离：{value}。",
    "goal_reached": "于 {at} 达成目标；目标计算至 {threshold}。",
    "goal_open": "尚未达成目标；目标计算至 {threshold}。",
    "goal_missed": "截至 {threshold} 未达成目标。",
    "message_sent": "{subject} 的消息已于 {at} 发送。",
    "message_held": "{subject} 的消息暂缓至 {at}：{detail}",
    "message_dropped": "{subject} 的消息已放弃：{detail}",
    "message_withheld": "{subject} 的消息于 {at} 被扣留：{value}。",
    "message_other": "{subject} 的消息状态为 {value}。{detail}",
    "arm_without_control": "属于触达组：该旅程没有对照组。",
    "arm_by_hash": "属于{subject}：此人的位置是 {value}，小于 {threshold} 者为对照组。",
    "arm_kept": "属于{subject}：保留首次进入时的分组。位置 {value}，现在小于 {threshold} 者为对照组。",
    "held_out": "属于全局留出组（{value} 小于 {threshold}）：不发送营销消息。",
}
_SENTENCES: Mapping[Language, Mapping[GroundRule, str]] = {"en": _ENGLISH, "zh-CN": _CHINESE}
_ARMS: Mapping[Language, Mapping[str, str]] = {
    "en": {"control": "control", "treated": "treated"},
    "zh-CN": {"control": "对照组", "treated": "触达组"},
}
REASONS: Mapping[str, str] = {
    "no_address": "此人在该渠道没有地址。",
    "no_consent": "此人未同意该渠道和主题，或已撤回同意。",
    "suppressed": "该地址在禁止联系名单上。",
    "holdout": "此人目前不接收任何营销消息，以便衡量其效果。",
    "capped": "此人收到的消息已达到频次上限。",
    "quiet_hours": "现在是此人的免打扰时段。",
    "timing": "消息应在此人一天中的另一时间发送。",
    "expired": "消息已过有效期。",
}
"""The gate's reasons in 简体中文; in English they are the policies' own."""


def sentences(ground: Ground, *, zone: Zone, details: Mapping[Language, str] | None = None) -> dict[str, str]:
    """A ground in words, by language; instants by the workspace's clock. `details` replaces the detail."""
    return {
        language: _sentence(ground, language, zone, (details or {}).get(language, ground.detail))
        for language in LANGUAGES
    }


def _sentence(ground: Ground, language: Language, zone: Zone, detail: str) -> str:
    return _SENTENCES[language][ground.rule].format(
        subject=_ARMS[language].get(ground.subject, ground.subject),
        value=_shown(ground.value, zone),
        threshold=_shown(ground.threshold, zone),
        at="" if ground.at is None else _clock(ground.at, zone),
        detail=detail,
    )


def _shown(value: Json, zone: Zone) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, str):
        try:
            return _clock(datetime.fromisoformat(value), zone) if "T" in value else value
        except ValueError:
            return value
    return "" if value is None else str(value)


def _clock(instant: datetime, zone: Zone) -> str:
    return f"{instant.astimezone(zone.rules):%Y-%m-%d %H:%M}"
