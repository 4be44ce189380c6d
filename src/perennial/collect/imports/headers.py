"""What columns are usually called, in English and Chinese, and in the exports of other systems."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Sureness = Literal["sure", "likely", "guess"]
Part = Literal["user_id", "anonymous_id", "timestamp", "event", "message_id", "type"]

_SPACES = re.compile(r"[\s_\-.$]+")

# In the order of how well they are meant: the first that a file has is taken.
NAMES: Mapping[Part, Sequence[str]] = {
    "user_id": (
        "userid", "uid", "memberid", "customerid", "accountid", "distinctid", "loginid", "externalid",
        "household", "householdid", "用户id", "用户编号", "会员号", "会员id", "会员编号",
        "会员卡号", "客户id", "客户编号",
        "user", "member", "customer", "account", "用户", "会员", "客户",
        "mobile", "phone", "phonenumber", "手机号", "手机", "手机号码", "email", "邮箱", "openid", "unionid",
    ),
    "anonymous_id": (
        "anonymousid", "userpseudoid", "deviceid", "cookieid", "clientid", "visitorid", "设备id", "匿名id",
        "访客id",
    ),
    "timestamp": (
        "timestamp", "originaltimestamp", "eventtimestamp", "eventtime", "occurredat", "time", "datetime",
        "orderedat", "paidat", "ordertime", "paytime", "purchasedat", "createdat", "createtime", "date",
        "eventdate", "sentat", "receivedat", "时间", "事件时间", "发生时间", "下单时间", "支付时间",
        "付款时间", "创建时间", "注册时间", "日期", "下单日期",
    ),
    "event": ("event", "eventname", "eventtype", "action", "事件", "事件名", "事件名称", "行为", "行为类型"),
    "message_id": (
        "messageid", "insertid", "eventid", "trackid", "id", "orderid", "orderno", "transactionid", "订单号",
        "订单编号", "订单id", "流水号", "交易号",
    ),
    "type": ("calltype",),
}  # fmt: skip
PROPERTIES: Mapping[str, Sequence[str]] = {
    "amount": ("amount", "total", "totalamount", "orderamount", "paidamount", "revenue", "金额", "订单金额",
               "支付金额", "实付金额", "实付", "总金额"),
    "quantity": ("quantity", "qty", "数量", "件数"),
    "price": ("price", "unitprice", "单价", "价格"),
    "sku": ("sku", "productid", "itemid", "商品id", "商品编号", "商品编码"),
    "product": ("product", "productname", "itemname", "商品", "商品名称"),
    "category": ("category", "类目", "品类", "分类"),
    "city": ("city", "城市"),
    "channel": ("channel", "渠道"),
    "store": ("store", "门店", "店铺"),
    "coupon": ("coupon", "优惠券"),
    "phone": ("phone", "mobile", "phonenumber", "手机号", "手机", "手机号码"),
    "email": ("email", "邮箱"),
    "name": ("name", "姓名", "昵称"),
}  # fmt: skip
_BY_CONTACT = NAMES["user_id"].index("mobile")
"""Names of `user_id` before this place are ids; those after it lead to a person, and may change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The export of another system, known by its columns."""

    name: str
    columns: frozenset[str]
    parts: Mapping[Part, str]
    """Which of its columns says what; others are looked for by name."""


FORMS: Sequence[Form] = (
    Form(
        name="GA4 (BigQuery)",
        columns=frozenset({"event_name", "event_timestamp", "user_pseudo_id"}),
        parts={
            "event": "event_name",
            "timestamp": "event_timestamp",
            "anonymous_id": "user_pseudo_id",
            "user_id": "user_id",
        },
    ),
    Form(
        name="Mixpanel",
        columns=frozenset({"event", "distinct_id", "time", "$insert_id"}),
        parts={"event": "event", "user_id": "distinct_id", "timestamp": "time", "message_id": "$insert_id"},
    ),
    Form(
        name="Sensors Analytics (神策)",
        columns=frozenset({"event", "distinct_id", "time"}),
        parts={"event": "event", "user_id": "distinct_id", "timestamp": "time"},
    ),
    Form(
        name="Segment",
        columns=frozenset({"event", "anonymous_id", "original_timestamp"}),
        parts={
            "event": "event",
            "user_id": "user_id",
            "anonymous_id": "anonymous_id",
            "timestamp": "timestamp",
            "message_id": "id",
        },
    ),
)


def plain(name: str) -> str:
    """A column's name without what names differ in: case, spaces, underscores."""
    return _SPACES.sub("", name.strip().lower())


def form_of(columns: Sequence[str]) -> Form | None:
    """The system whose export this is; the most particular one."""
    return next((form for form in FORMS if form.columns <= set(columns)), None)


def part_by_name(part: Part, columns: Sequence[str]) -> tuple[str, Sureness] | None:
    """The column that a part is usually called, and how sure that is."""
    by_plain = {plain(column): column for column in reversed(columns)}
    for place, known in enumerate(NAMES[part]):
        if known in by_plain:
            is_contact = part == "user_id" and place >= _BY_CONTACT
            return by_plain[known], "guess" if is_contact else "sure"
    for known in NAMES[part]:
        near = [column for name, column in by_plain.items() if len(known) > 3 and known in name]
        if near:
            return near[0], "likely"
    return None


def property_name(column: str) -> str:
    """What a property is called: the usual name where there is one, else the column's own."""
    wanted = plain(column)
    return next((name for name, known in PROPERTIES.items() if wanted in known), column.strip())
