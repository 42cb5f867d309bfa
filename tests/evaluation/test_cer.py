"""Character errors, counted by hand."""

from __future__ import annotations

import pytest

from qa_pipeline.evaluation.cer import CharacterErrors, character_errors, total


@pytest.mark.parametrize(
    ("reference", "hypothesis", "substitutions", "deletions", "insertions", "length"),
    [
        ("您好，再见。", "您好再见", 0, 0, 0, 4),
        ("您的賬單逾期了", "您的账单逾期了", 0, 0, 0, 7),
        ("逾期十五天", "预期十五天", 1, 0, 0, 5),
        ("逾期十五天", "逾期十五", 0, 1, 0, 5),
        ("逾期", "逾期啊啊", 0, 0, 2, 2),
        ("", "字幕", 0, 0, 2, 0),
        ("", "", 0, 0, 0, 0),
        ("应还三千六百八十元", "应还3680元", 0, 0, 0, 7),
        ("工号二零三五", "工号2035", 0, 0, 0, 6),
        ("逾期十二天", "逾期22天", 1, 0, 0, 5),
        ("一万五千块", "1.5万块", 0, 0, 0, 6),
        ("三千块", "3000.0块", 0, 0, 0, 5),
        ("三千块", "3,000.00块", 0, 0, 0, 5),
        ("三千二百块零五毛", "3200块零五毛", 0, 0, 0, 8),
        ("一点五万", "15000", 0, 0, 0, 5),
        ("四千五百点五零元", "4500.5元", 0, 0, 0, 7),
        ("工号零零一二三", "工号00123", 0, 0, 0, 7),
        ("三千块", "3000.5块", 0, 0, 2, 5),
        ("三万块", "3.5万块", 1, 0, 0, 6),
    ],
)
def test_counts(
    reference: str, hypothesis: str, substitutions: int, deletions: int, insertions: int, length: int
) -> None:
    assert character_errors(reference, hypothesis) == CharacterErrors(
        substitutions=substitutions, deletions=deletions, insertions=insertions, reference_length=length
    )


def test_rate_of_nothing_is_undefined() -> None:
    assert character_errors("", "字幕").rate is None


def test_corpus_rate_comes_from_sums() -> None:
    # 1 error in 2 characters and 0 in 8: 1/10, not the mean of 50 % and 0 %.
    both = total([character_errors("逾期", "预期"), character_errors("您本期账单已经出", "您本期账单已经出")])
    assert both.rate == pytest.approx(0.1)
