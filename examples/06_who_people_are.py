"""One person with an address, a phone and two devices; then a merge that was wrong, and taking it back."""

import tempfile

import perennial

RULES = """
keys:
  - key: phone
    region: CN
  - key: email
  - key: device
"""


def call(message_id: str, **said: object) -> dict[str, object]:
    """One identify call as a client would send it."""
    return {"type": "identify", "messageId": message_id} | said


with tempfile.TemporaryDirectory() as folder, perennial.open(folder) as app:
    app.init()
    shop = app.workspace()
    shop.publish_identity(RULES)
    shop.send(
        [
            call("m1", userId="li", traits={"email": "Li@Example.com", "phone": "138 0013 8000"}),
            call("m2", anonymousId="laptop", traits={"email": "li@example.com", "city": "上海"}),
            call("m3", anonymousId="app", context={"device": {"id": "idfv-1"}}),
            call("m4", anonymousId="app", traits={"phone": "+8613800138000"}),
            call("m5", anonymousId="tablet", traits={"city": "Bern"}),
        ]
    )
    shop.wait_accepted()
    assert shop.count_people() == 2
    # The tablet is somebody else's, who mistypes an address.
    shop.send([call("m6", anonymousId="tablet", traits={"email": "li@example.com"})])
    shop.wait_accepted()
    assert shop.count_people() == 1

    li = shop.show_identity("li")
    for name in li["names"]:
        print(f"{name['kind']:9} {name['value']:16} by {name['message_id']}")
    wrong = [merge for merge in li["merges"] if merge["message_id"] == "m6"]
    print("merged by", [(merge["reason"], merge["message_id"]) for merge in li["merges"]])

    lost = wrong[0]["profile_id"]
    tablet = shop.unmerge_people(lost)
    assert shop.count_people() == 2
    print("on their own again:", [name["value"] for name in tablet["names"]])

    # The same address again does not bring them together: they were parted by hand.
    shop.send([call("m7", anonymousId="tablet", traits={"email": "li@example.com"})])
    shop.wait_accepted()
    assert shop.count_people() == 2
    print("refused:", [(name["value"], name["reason"]) for name in shop.show_identity(lost)["refused"]])
