"""Programs that use the real clients as their users do; each is given our address and a write key."""

from collections.abc import Mapping

EVENTS = 60
"""How often each of them says that `Paid` happened, its number in the property `number`."""

_SEGMENT_PYTHON = """
import sys
from segment.analytics.client import Client

address, key = sys.argv[1:]
failures = []
settings = {"host": address, "gzip": True, "upload_size": 20}
client = Client(key, on_error=lambda error, items: failures.append(error), **settings)
client.identify("p1", {"city": "上海"})
for number in range(60):
    client.track("p1", "Paid", {"number": number})
client.page("p1", "shop", "home")
client.group("p1", "g1", {"name": "Tea"})
client.alias("p1", "p2")
client.screen("p2", "shop", "cart")
client.shutdown()
sys.exit(str(failures) if failures else 0)
"""

_RUDDER_PYTHON = """
import sys
from rudderstack.analytics.client import Client

address, key = sys.argv[1:]
failures = []
settings = {"host": address, "gzip": True, "upload_size": 20}
client = Client(key, on_error=lambda error, items: failures.append(error), **settings)
client.identify("p1", {"city": "上海"})
for number in range(60):
    client.track("p1", "Paid", {"number": number})
client.page("p1", "shop", "home")
client.flush()
client.join()
sys.exit(str(failures) if failures else 0)
"""

_SENSORS_PYTHON = """
import sys
import sensorsanalytics

address, key = sys.argv[1:]
url = f"{address}/sa?project=default&token={key}"
one_by_one = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DefaultConsumer(url), "default")
in_batches = sensorsanalytics.SensorsAnalytics(sensorsanalytics.BatchConsumer(url, 20), "default")
for number in range(10):
    one_by_one.track("p1", "Paid", {"number": number}, is_login_id=True)
for number in range(10, 60):
    in_batches.track("p1", "Paid", {"number": number}, is_login_id=True)
in_batches.flush()
one_by_one.track("visitor", "Looked", {"item": "茶"})
one_by_one.track_signup("p1", "visitor")
one_by_one.profile_set("p1", {"city": "上海", "orders": 1}, is_login_id=True)
one_by_one.profile_set_once("p1", {"city": "北京", "channel": "广告"}, is_login_id=True)
one_by_one.profile_increment("p1", {"orders": 2}, is_login_id=True)
one_by_one.profile_increment("p1", {"orders": 2}, is_login_id=True)
one_by_one.profile_append("p1", {"likes": ["茶"]}, is_login_id=True)
one_by_one.profile_append("p1", {"likes": ["咖啡"]}, is_login_id=True)
one_by_one.profile_set("p1", {"phone": "1"}, is_login_id=True)
one_by_one.profile_unset("p1", ["phone"], is_login_id=True)
one_by_one.profile_set("p3", {"city": "上海"}, is_login_id=True)
one_by_one.profile_delete("p3", is_login_id=True)
one_by_one.close()
in_batches.close()
"""

_PATIENT_SENSORS_PYTHON = """
import sys
import time
import sensorsanalytics

address, key = sys.argv[1:]
consumer = sensorsanalytics.BatchConsumer(f"{address}/sa?project=default&token={key}", 20)
client = sensorsanalytics.SensorsAnalytics(consumer, "default")

# The client keeps what was refused, and sends it when it is asked to again.
def patiently(job):
    try:
        job()
    except sensorsanalytics.SensorsAnalyticsNetworkException:
        return False
    return True

for number in range(60):
    patiently(lambda: client.track("p1", "Paid", {"number": number}, is_login_id=True))
patiently(lambda: client.profile_set("p1", {"city": "上海", "orders": 1}, is_login_id=True))
patiently(lambda: client.profile_increment("p1", {"orders": 2}, is_login_id=True))
patiently(lambda: client.profile_increment("p1", {"orders": 2}, is_login_id=True))
while not patiently(client.flush):
    time.sleep(0.05)
client.close()
"""

_SEGMENT_NODE = """
const { Analytics } = require("@segment/analytics-node");
const [address, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host: address, flushAt: 20 });
let failures = 0;
analytics.on("error", (error) => { failures += 1; console.error(error); });
analytics.identify({ userId: "p1", traits: { city: "上海" } });
for (let number = 0; number < 60; number += 1) {
  analytics.track({ userId: "p1", event: "Paid", properties: { number } });
}
analytics.page({ anonymousId: "a1", name: "home" });
analytics.closeAndFlush().then(() => process.exit(failures ? 1 : 0));
"""

_RUDDER_NODE = """
const Analytics = require("@rudderstack/rudder-sdk-node");
const [address, writeKey] = process.argv.slice(2);
const settings = { dataPlaneUrl: address, flushAt: 20, gzip: true };
const client = new (Analytics.default || Analytics)(writeKey, settings);
client.identify({ userId: "p1", traits: { city: "上海" } });
for (let number = 0; number < 60; number += 1) {
  client.track({ userId: "p1", event: "Paid", properties: { number } });
}
// It ends by itself: its promise of a flush is kept before everything is sent.
const rest = async () => { do { await client.flush(); } while (client.queue.length); };
rest().catch((error) => { console.error(error); process.exitCode = 1; });
"""

PROGRAMS: Mapping[str, str] = {
    "segment_python.py": _SEGMENT_PYTHON,
    "rudder_python.py": _RUDDER_PYTHON,
    "sensors_python.py": _SENSORS_PYTHON,
    "segment_node.cjs": _SEGMENT_NODE,
    "rudder_node.cjs": _RUDDER_NODE,
}

PATIENT: Mapping[str, str] = {
    **{name: program for name, program in PROGRAMS.items() if name != "sensors_python.py"},
    "sensors_patient_python.py": _PATIENT_SENSORS_PYTHON,
}
"""Those that come again when they are told to come later: most clients by themselves."""

REDIRECTING = """
import json
import os
from pathlib import Path
from segment.analytics import request

_post = request._session.post
_sent = Path(os.environ["SENT_TO"])

def post(url, *args, **kwargs):
    answer = _post(url.replace("https://api.segment.io", os.environ["ADDRESS"]), *args, **kwargs)
    body = kwargs["data"]
    if isinstance(body, bytes) and body[:2] == bytes([31, 139]):
        import gzip
        body = gzip.decompress(body)
    said = json.loads(body)
    ids = [item.get("messageId") for item in said.get("batch", [])]
    with _sent.open("a") as file:
        file.write(json.dumps([said["writeKey"], answer.status_code, ids]) + "\\n")
    return answer

request._session.post = post
"""
"""A plug-in of pytest for the client's own tests: they have its maker's address built in."""
