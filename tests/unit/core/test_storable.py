"""What no database keeps in a text is replaced before an event has its effect."""

from wenhou.core.channels import ReceiptEvent, ReplyEvent
from wenhou.core.statuses import Receipt
from wenhou.core.storable import storable


def test_what_cannot_be_kept_is_replaced_everywhere_it_stands() -> None:
    event = ReplyEvent(key="k\x00", address="+86138", text="您\x00好\ud800", at=None)
    kept = storable(event)
    assert isinstance(kept, ReplyEvent)
    assert (kept.key, kept.address, kept.text) == ("k\ufffd", "+86138", "您\ufffd好\ufffd")


def test_an_event_that_can_be_kept_is_the_same_object() -> None:
    event = ReceiptEvent(key="k", receipt=Receipt.DELIVERED, at=None, reference="r", code="😀")
    assert storable(event) is event
