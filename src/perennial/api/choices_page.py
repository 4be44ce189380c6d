"""The page on which whoever got a message says what they want to hear of. It has no script and no cookie."""

from collections.abc import Collection, Mapping
from html import escape
from string import Template

from perennial.api.tracked_ports import ChoicesShown, ConfirmationShown, TopicShown

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tag": "en",
        "title": "What would you like to hear of?",
        "about": "These are messages to $address.",
        "save": "Save my choices",
        "none": "Unsubscribe from everything",
        "saved": "Saved. Your choices hold from now on.",
        "gone_title": "This link does not lead anywhere",
        "gone": "It is not one of ours, a part of it is missing, or nobody is known by it any more.",
        "email": "E-mail",
        "ask": "Would you like to hear of “$name”?",
        "done": "You will hear of “$name”.",
        "yes": "Yes, please",
        "anytime": "You can end it at any time, by the link at the end of every message.",
    },
    "zh": {
        "tag": "zh-CN",
        "title": "您想收到哪些内容？",
        "about": "以下是发送至 $address 的消息。",
        "save": "保存我的选择",
        "none": "全部退订",
        "saved": "已保存，您的选择即刻生效。",
        "gone_title": "此链接无效",
        "gone": "链接不是由我们生成、内容不完整，或对应的用户已不存在。",
        "email": "邮件",
        "ask": "您想收到“$name”吗？",
        "done": "您将收到“$name”。",
        "yes": "是的，我想收到",
        "anytime": "您可以随时通过每封邮件末尾的链接退订。",
    },
}

_PAGE = Template("""<!doctype html>
<html lang="$tag"><head><meta charset="utf-8"><meta name="viewport"
 content="width=device-width,initial-scale=1"><title>$title</title><style>
:root{color-scheme:light dark}
body{margin:0;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;
 background:light-dark(#f5f6f8,#141518);color:light-dark(#1f2329,#e6e8eb)}
main{max-width:32rem;margin:8vh auto;padding:2rem;background:light-dark(#fff,#1f2125);
 border-radius:12px;box-shadow:0 1px 3px #0002}
h1{font-size:1.375rem;line-height:1.35;margin:0 0 .25rem}
p{margin:0 0 1.25rem;color:light-dark(#5c6470,#a5adb8)}
p.saved{margin-top:.75rem;padding:.6rem .9rem;border-radius:8px;background:light-dark(#e8f6ee,#143324);
 color:light-dark(#146c3c,#7fd6a3)}
label{display:flex;gap:.75rem;padding:.85rem 0;cursor:pointer;
 border-top:1px solid light-dark(#e8eaed,#33363c)}
input{width:1.15rem;height:1.15rem;margin:.25rem 0 0;flex:none;accent-color:#2f6fed}
small{display:block;color:light-dark(#5c6470,#a5adb8)}
.act{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{font:inherit;padding:.6rem 1.1rem;border-radius:8px;cursor:pointer;background:none;
 color:inherit;border:1px solid light-dark(#c9ced6,#4a4e56)}
button.first{background:#2f6fed;border-color:#2f6fed;color:#fff}
button:focus-visible,input:focus-visible{outline:3px solid #2f6fed66;outline-offset:2px}
@media(max-width:36rem){main{margin:0;min-height:100vh;border-radius:0;box-sizing:border-box}
 button{width:100%}}
</style></head><body><main>$body</main></body></html>""")


def choices_page(
    shown: ChoicesShown, *, granted: Collection[tuple[str, str]] | None = None, is_saved: bool = False
) -> str:
    """The page; after something was chosen it shows that instead of what held before."""
    words = _WORDS[shown.language]
    about = Template(words["about"]).substitute(address=escape(shown.address)) if shown.address else ""
    rows = "".join(_row(one, granted, words) for one in shown.topics)
    body = (
        f"<h1>{words['title']}</h1>"
        + (f'<p class="saved" role="status">{words["saved"]}</p>' if is_saved else "")
        + (f"<p>{about}</p>" if about else "")
        + f'<form method="post">{rows}<div class="act">'
        f'<button class="first" name="do" value="save">{words["save"]}</button>'
        f'<button name="do" value="none">{words["none"]}</button></div></form>'
    )
    return _PAGE.substitute(tag=words["tag"], title=words["title"], body=body)


def confirmation_page(asked: ConfirmationShown, *, is_saved: bool = False) -> str:
    """The page of a confirmation: a button, since whoever only follows the link may be a scanner."""
    words = _WORDS[asked.language]
    done = is_saved or asked.is_granted
    title = Template(words["done" if done else "ask"]).substitute(name=escape(asked.name))
    button = f'<button class="first">{words["yes"]}</button>'
    form = "" if done else f'<form method="post"><div class="act">{button}</div></form>'
    more = f"<p>{words['anytime']}</p>"
    return _PAGE.substitute(tag=words["tag"], title=title, body=f"<h1>{title}</h1>{more}{form}")


def gone_page(language: str) -> str:
    """What is shown where a link is not one of ours."""
    words = _WORDS[language]
    body = f"<h1>{words['gone_title']}</h1><p>{words['gone']}</p>"
    return _PAGE.substitute(tag=words["tag"], title=words["gone_title"], body=body)


def _row(one: TopicShown, granted: Collection[tuple[str, str]] | None, words: Mapping[str, str]) -> str:
    is_on = one.is_granted if granted is None else (one.channel, one.topic) in granted
    checked = " checked" if is_on else ""
    channel = words.get(one.channel, one.channel)
    more = f"{channel} · {one.description}" if one.description else channel
    value = escape(f"{one.channel}/{one.topic}")
    return (
        f'<label><input type="checkbox" name="topic" value="{value}"{checked}>'
        f"<span>{escape(one.name)}<small>{escape(more)}</small></span></label>"
    )
