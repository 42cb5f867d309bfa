"""A desk on a store of its own with one call full of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import ReasonCode, ReviewAction
from tests.builders import threatening_call

CALL = "03_threats"
ARREST = "threat.arrest#u0003"
EXPOSURE = "threat.exposure#u0005"
HUMILIATION = "abuse.humiliation#u0005"
PROMISE = "promise.unauthorised#u0007"
Act = Callable[..., ReviewedCall]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        inspection = threatening_call(CALL)
        opened.save(inspection, fingerprint="f", listing=listing_of(inspection))
        yield opened


@pytest.fixture
def desk(store: Store) -> ReviewDesk:
    return ReviewDesk(store)


@pytest.fixture
def act(desk: ReviewDesk) -> Act:
    """Somebody does something: `act("li", "reject", ARREST)`; `as_` tells more about the person."""

    def do(
        name: str,
        kind: str,
        target: str = "",
        /,
        *,
        seen: int | None = None,
        as_: Reviewer | None = None,
        call_id: str = CALL,
        **said: object,
    ) -> ReviewedCall:
        if kind == "reject":
            said.setdefault("reason", ReasonCode.QUOTED)
        return desk.act(
            action(call_id, ReviewAction(kind), name, target=target, **said),  # type: ignore[arg-type]
            as_ or Reviewer(name=name),
            seen=seen,
        )

    return do
