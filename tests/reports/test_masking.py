"""What leaves is masked; what joins results is not."""

from __future__ import annotations

import pytest

from qa_pipeline.reports.masking import Masking
from tests import builders


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ((), ("林晓",)),
        ((("customer_name", "周明"),), ("林晓", "周明")),
        ((("客户姓名", "欧阳明日"), ("note", "周明")), ("林晓", "欧阳明日")),
        ((("Customer_Name", "周明"),), ("林晓", "周明")),
        ((("customer_name", "周"),), ("林晓",)),
    ],
)
def test_names_come_from_the_metadata_and_from_titles(
    extra: tuple[tuple[str, str], ...], names: tuple[str, ...]
) -> None:
    inspection = builders.inspection(builders.metadata(extra=extra))
    assert Masking(inspection).names == (*names, "张伟")


def test_metadata_are_masked_but_for_identities() -> None:
    number = "13800138000"
    call = builders.metadata(number, agent_id=number, customer_id=number, extra=(("note", f"回电{number}"),))
    document = Masking(builders.inspection(call)).metadata()
    assert document["call_id"] == document["agent_id"] == number
    assert number not in str(document["customer_id"])
    assert document["extra"] == {"note": "回电" + "*" * 11}
    assert document["agent_name"] == "林*"
    assert document["amount_due"] == "3680.50"
    assert document["started_at"] == "2026-03-16T09:42:10+08:00"


def test_unmasked_leaves_everything() -> None:
    masking = Masking(builders.threatening_call(), unmasked=True)
    assert masking.agent_name() == "陈刚"
    assert "幺三八零零幺三八零零零" in masking.utterances["u0004"]


def test_what_was_most_likely_said_is_masked_where_the_words_are() -> None:
    heard = builders.threatening_call()
    assert heard.transcript is not None
    said = next(one for one in heard.transcript.utterances if one.id == "u0004")
    inspection = builders.spelled(heard, "u0004", said.text.replace("手机", "首饥"))
    masking = Masking(inspection)

    assert list(masking.likely) == ["u0004"]
    assert masking.likely["u0004"] == masking.utterances["u0004"].replace("手机", "首饥")
    assert "三八" not in masking.likely["u0004"]
    assert Masking(inspection, unmasked=True).likely["u0004"] == said.text.replace("手机", "首饥")


@pytest.mark.parametrize(("quote", "heard_as", "shown"), [
    ("尾号幺三八零零幺三八零零零", "伪号幺三八零零幺三八零零零", "伪号***********"),
    ("炸片罪", "诈骗罪", "诈骗罪"),
    ("炸片罪", "13800138000", "***********"),
    ("炸片罪", None, None),
])  # fmt: skip
def test_what_words_were_taken_for_tells_no_more_than_they_do(
    quote: str, heard_as: str | None, shown: str | None
) -> None:
    call = builders.inspection(lines=((builders.Role.AGENT, f"您的{quote}对吧"),))
    assert call.transcript is not None
    part = builders.evidence(call.transcript, 1, quote, heard_as=heard_as)

    assert Masking(call).heard_as(part) == shown
