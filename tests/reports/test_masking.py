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
