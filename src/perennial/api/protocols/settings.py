"""What Segment's browser library asks for before it sends: where to send, and that nothing else is loaded."""

import re

import msgspec

from perennial.kernel.values import Json

_ASKED = re.compile(r"projects/([A-Za-z0-9_-]{1,100})/settings")


def settings_of(path: str, *, host: str, scheme: str) -> bytes | None:
    """The settings at `projects/KEY/settings`, naming this server; None at any other address.

    A key that is not known gets them too: whether it is one is said when something is sent.
    """
    asked = _ASKED.fullmatch(path)
    if asked is None:
        return None
    sending: Json = {
        "apiKey": asked[1],
        "apiHost": f"{host}/v1",
        "protocol": scheme,
        "unbundledIntegrations": [],
        "addBundledMetadata": True,
        "maybeBundledConfigIds": {},
    }
    return msgspec.json.encode(
        {
            "integrations": {"Segment.io": sending},
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "edgeFunction": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
    )
