"""Each thing that must hold, judged: what holds is fine, what does not is told with ids and counts."""

from datetime import timedelta

from tests.unit.decide.journey_builders import NOON, published, winback

from perennial.collect.events.model import Batch
from perennial.collect.identity.model import Merge
from perennial.compute.segments import Standing
from perennial.kernel.ids import JourneyId, NodeId, ProfileId, SegmentId
from perennial.runtime.doctor import Check, Diagnosis, rules

MINUTE = timedelta(minutes=1)
WINBACK = JourneyId("cart_winback")
VERSIONS = {(WINBACK, 1): published()}
START = published().journey.start
VIP = SegmentId("vip")


def a_cut(first: int, last: int) -> Batch:
    return Batch(stream="intake", first=first, last=last, token=f"t{first}", recorded_at=NOON)


def a_merge(lost: int, kept: int) -> Merge:
    return Merge(lost=ProfileId(lost), kept=ProfileId(kept), merged_at=NOON, cause="m")


def test_a_diagnosis_is_well_only_if_every_check_is() -> None:
    well, ill = Check(name="a", ok=True, detail=""), Check(name="b", ok=False, detail="")
    assert Diagnosis(checks=[well]).ok
    assert not Diagnosis(checks=[well, ill]).ok


def test_a_search_that_was_given_up_is_no_finding() -> None:
    assert rules.none_of(None, fine="", wrong="").ok


def test_only_the_first_few_are_shown() -> None:
    found = rules.none_of([f"m{number}" for number in range(8)], fine="", wrong="Lost")
    assert (found.ok, found.detail) == (False, "Lost: m0, m1, m2, m3, m4 and 3 more")


def test_a_store_that_lacks_a_migration_is_not_current() -> None:
    assert rules.judge_schemas({"state": ("state_0002", "state_0002")}).ok
    assert not rules.judge_schemas({"state": ("state_0001", "state_0002")}).ok


def test_a_segment_that_failed_or_had_to_be_corrected_of_late_is_told() -> None:
    well = Standing(segment_id=VIP, checked_at=NOON, drift=3, drifted_at=NOON - timedelta(days=2))
    failed = Standing(segment_id=VIP, failed_at=NOON, problem="a stone")
    corrected = Standing(segment_id=VIP, drift=3, drifted_at=NOON)
    assert rules.judge_standings([well], now=NOON).ok
    assert rules.judge_standings([failed], now=NOON).detail == "Segments: vip failed: a stone"
    assert "3 people corrected" in rules.judge_standings([corrected], now=NOON).detail


def test_waiting_is_fine_for_ten_minutes() -> None:
    for minutes, is_fine in ((0, True), (10, True), (11, False)):
        waiting_since = NOON - minutes * MINUTE
        found = rules.judge_progress("Calls", offset=3, position=5, waiting_since=waiting_since, now=NOON)
        assert found.ok is is_fine


def test_a_reader_ahead_of_its_stream_is_wrong() -> None:
    assert not rules.judge_progress("Calls", offset=6, position=5, waiting_since=None, now=NOON).ok


def test_cuts_follow_each_other_and_end_where_the_reader_stands() -> None:
    cuts = [a_cut(1, 5), a_cut(6, 9)]
    assert rules.judge_cuts(cuts, offset=9, skipped=[]).ok
    assert rules.judge_cuts([], offset=0, skipped=[]).ok
    assert not rules.judge_cuts(cuts, offset=12, skipped=[]).ok
    assert not rules.judge_cuts([a_cut(1, 6), a_cut(6, 9)], offset=9, skipped=[]).ok
    assert not rules.judge_cuts([a_cut(9, 6)], offset=6, skipped=[]).ok


def test_numbers_may_be_left_out_between_cuts_and_entries_may_not() -> None:
    cuts = [a_cut(1, 5), a_cut(8, 9)]
    assert rules.judge_cuts(cuts, offset=9, skipped=[(cuts[0], 0)]).ok
    assert "2 left out after t1" in rules.judge_cuts(cuts, offset=9, skipped=[(cuts[0], 2)]).detail


def test_enrollments_stand_on_nodes_of_versions_there_are() -> None:
    assert rules.judge_places([(WINBACK, 1, START, 4)], VERSIONS).ok
    assert not rules.judge_places([(WINBACK, 2, START, 4)], VERSIONS).ok
    assert not rules.judge_places([(WINBACK, 1, NodeId("nowhere"), 4)], VERSIONS).ok


def test_several_runs_at_once_need_a_key_each_and_a_journey_that_allows_them() -> None:
    assert rules.judge_repeats([], {}).ok
    assert published().journey.reentry == "per_key"
    assert rules.judge_repeats([(WINBACK, 1, 2, 2)], VERSIONS).ok
    assert not rules.judge_repeats([(WINBACK, 1, 2, 1)], VERSIONS).ok
    once = {(WINBACK, 1): published(winback(reentry="never"))}
    assert not rules.judge_repeats([(WINBACK, 1, 2, 2)], once).ok


def test_messages_are_in_known_states_and_do_not_stick() -> None:
    assert rules.judge_outbox({"sent": 3}, [], []).ok
    assert not rules.judge_outbox({"lost": 1}, [], []).ok
    assert not rules.judge_outbox({"sending": 1}, ["msg_1"], []).ok
    assert not rules.judge_outbox({"sent": 1}, [], ["msg_1"]).ok


def test_the_event_store_counts_every_lost_profile_as_the_one_kept_in_the_end() -> None:
    merges = [a_merge(1, 2), a_merge(2, 3)]
    one, two, three = ProfileId(1), ProfileId(2), ProfileId(3)
    assert rules.judge_merges(merges, {one: three, two: three}).ok
    assert not rules.judge_merges(merges, {one: two, two: three}).ok
    assert not rules.judge_merges(merges, {two: three}).ok
    assert not rules.judge_merges([], {two: three}).ok


def test_a_segment_has_whom_it_says_and_whom_the_log_says() -> None:
    assert rules.judge_members({VIP: (4, 4, 4)}, {VIP: 4}).ok
    assert not rules.judge_members({VIP: (4, 3, 3)}, {VIP: 3}).ok
    assert not rules.judge_members({VIP: (4, 4, 4)}, {VIP: 5}).ok
    assert not rules.judge_members({VIP: (4, 4, 4)}, {}).ok


def test_two_members_who_became_one_are_counted_anew_by_the_next_refresh() -> None:
    assert rules.judge_members({VIP: (4, 3, 2)}, {VIP: 2}).ok


def test_a_full_disk_and_a_clock_that_went_back_are_told() -> None:
    assert rules.judge_disk(2**30, 2**33).ok
    assert not rules.judge_disk(2**20, 2**33).ok
    assert rules.judge_clock(None, now=NOON).ok
    assert rules.judge_clock(NOON + MINUTE, now=NOON).ok
    assert not rules.judge_clock(NOON + 2 * MINUTE, now=NOON).ok
