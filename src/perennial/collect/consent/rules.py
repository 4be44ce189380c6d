"""How a consent is said as a call."""

from perennial.kernel.values import Json


def consent_call(user_id: str, *, consent: str, state: str, proof: str, message_id: str) -> Json:
    """The call that says a person granted or withdrew a consent."""
    return {
        "type": "consent",
        "userId": user_id,
        "messageId": message_id,
        "consent": consent,
        "state": state,
        "proof": proof,
    }
