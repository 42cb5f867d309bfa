"""What comes first: the graver and the less certain, and a few calls picked at random."""

from __future__ import annotations

from qa_pipeline.review.priority import CONTROL_SHARE, doubt, is_control, needs_person, priority
from tests.builders import failed_call, hours_call, model_call, threatening_call, unknown_roles_call


def test_the_graver_call_comes_first() -> None:
    order = [threatening_call(), unknown_roles_call(), hours_call(), model_call()]
    values = [priority(one) for one in order]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.1
    assert doubt(unknown_roles_call()) > doubt(threatening_call()) > doubt(model_call())


def test_the_random_control_is_a_steady_share_of_scored_calls() -> None:
    calls = [model_call(f"control/{number}") for number in range(2000)]
    picked = [one for one in calls if is_control(one)]
    assert 0.5 < len(picked) / (CONTROL_SHARE * len(calls)) < 1.7
    assert all(needs_person(one) and priority(one) >= 0.3 for one in picked)
    assert picked == [one for one in calls if is_control(one)]
    assert not any(is_control(failed_call(f"control/{number}")) for number in range(2000))
