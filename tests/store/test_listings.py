"""Queue, search, histories and accounts on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa_pipeline.errors import StoreError
from qa_pipeline.store.call_filter import CallFilter, PageStart, Scope
from qa_pipeline.store.repository import Store
from qa_pipeline.types import (
    Account,
    DeskRole,
    Listing,
    Review,
    ReviewAction,
    ReviewState,
    Standing,
)
from tests.store.conftest import Inspect


def listing(priority: float = 0.5, *lines: str, needed: bool = True) -> Listing:
    words = tuple(tuple(line.split()) for line in lines)
    return Listing(risk=0.5, doubt=0.1, priority=priority, needed=needed, control=False, words=words)


def ids(store: Store, wanted: CallFilter, scope: Scope | None = None) -> list[str]:
    return [one.call_id for one in store.listings.page(wanted, scope or Scope())]


def account(name: str, **values: object) -> Account:
    return Account(name=name, role=DeskRole.REVIEWER, created_at=datetime.now(UTC), **values)  # type: ignore[arg-type]


@pytest.fixture
def queue(store: Store, inspect: Inspect) -> Store:
    """Three calls: c1 comes first, c3 needs nobody."""
    store.save(inspect("c1"), fingerprint="f", listing=listing(0.9, "起诉 诉你 你", "您好 好"))
    store.save(
        inspect("c2", agent_id="A18", findings=0, started_at=datetime(2026, 1, 6, tzinfo=UTC)),
        fingerprint="f",
        listing=listing(0.5, "不起 起诉 诉 ", "诉你 你"),
    )
    store.save(inspect("c3"), fingerprint="f", listing=listing(0.5, "it's 's", needed=False))
    return store


FILTERS = {
    "everything": (CallFilter(), ["c1", "c3", "c2"]),
    "a state": (CallFilter(states=(ReviewState.WAITING,)), ["c1", "c2"]),
    "an agent": (CallFilter(agent_id="A18"), ["c2"]),
    "a team": (CallFilter(team="早期一组"), ["c1", "c3", "c2"]),
    "a category": (CallFilter(category="contact.hours"), ["c1", "c3"]),
    "a grade": (CallFilter(grade="excellent"), []),
    "a layout": (CallFilter(layout="stereo"), ["c1", "c3", "c2"]),
    "since a day": (CallFilter(since=datetime(2026, 1, 6, tzinfo=UTC)), ["c2"]),
    "until a day": (CallFilter(until=datetime(2026, 1, 6, tzinfo=UTC)), ["c1", "c3"]),
    "nobody's": (CallFilter(assigned_to=""), ["c1", "c3", "c2"]),
    "somebody's": (CallFilter(assigned_to="wang"), []),
    "two characters": (CallFilter(phrases=(("起诉",),)), ["c1", "c2"]),
    "three in a row": (CallFilter(phrases=(("起诉", "诉你"),)), ["c1"]),
    "one character": (CallFilter(phrases=(("不*",),)), ["c2"]),
    "two phrases": (CallFilter(phrases=(("起诉",), ("您好",))), ["c1"]),
    "what nobody said": (CallFilter(phrases=(("没有",),)), []),
    "a quotation mark": (CallFilter(phrases=(("it's",),)), ["c3"]),
    "signs of the query language": (CallFilter(phrases=(('"*',), ("\\'",), ("AND",))), []),
}


@pytest.mark.parametrize(("wanted", "found"), FILTERS.values(), ids=FILTERS.keys())
def test_filters_and_words(queue: Store, wanted: CallFilter, found: list[str]) -> None:
    assert ids(queue, wanted) == found
    assert sum(queue.listings.count(wanted).values()) == len(found) or wanted.states


def test_counts_are_by_state_whatever_state_is_asked_for(queue: Store) -> None:
    expected = {ReviewState.WAITING: 2, ReviewState.NOT_NEEDED: 1}
    assert queue.listings.count(CallFilter()) == expected
    assert queue.listings.count(CallFilter(states=(ReviewState.WAITING,))) == expected


def test_pages_follow_each_other_without_gap_or_overlap(store: Store, inspect: Inspect) -> None:
    for number in range(7):
        store.save(inspect(f"c{number}"), fingerprint="f", listing=listing(0.1 * (number % 3)))
    seen: list[str] = []
    after = None
    while page := store.listings.page(CallFilter(), after=after, limit=2):
        seen += [one.call_id for one in page]
        after = PageStart(priority=page[-1].priority, call_id=page[-1].call_id)
    assert seen == ["c5", "c2", "c4", "c1", "c6", "c3", "c0"]


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(agent_id="A18"), ["c2"]),
        (Scope(team="早期一组"), ["c1", "c3", "c2"]),
        (Scope(team="别的组"), []),
        (Scope(agent_id="A17", released=True), []),
    ],
)
def test_scopes_hold_for_lists_and_single_calls(queue: Store, scope: Scope, found: list[str]) -> None:
    assert ids(queue, CallFilter(), scope) == found
    assert {one for one in ("c1", "c2", "c3") if queue.listings.call(one, scope)} == set(found)


def test_a_new_inspection_renews_the_words_and_keeps_what_people_did(queue: Store, inspect: Inspect) -> None:
    with queue.reviews.acting("c1") as history:
        history.append(review("c1", "r1"))
        history.stand(
            Standing(state=ReviewState.IN_REVIEW, seq=1, score=50.0, grade="fail", reviewers=("wang",))
        )
    queue.save(inspect("c1", score=10.0), fingerprint="f2", listing=listing(0.2, "别的 的"))
    found = queue.listings.call("c1")
    assert found is not None
    assert (found.state, found.score, found.reviewed_score, found.priority) == ("in_review", 10.0, 50.0, 0.2)
    assert ids(queue, CallFilter(phrases=(("起诉",),))) == ["c2"]
    assert ids(queue, CallFilter(phrases=(("别的",),))) == ["c1"]


def test_calls_saved_without_a_listing_wait_for_one(store: Store, inspect: Inspect) -> None:
    store.save(inspect("c1"), fingerprint="f")
    assert store.listings.unlisted(10) == ("c1",)
    store.listings.list_call(inspect("c1"), listing(0.4, "您好 好"))
    assert store.listings.unlisted(10) == ()
    assert ids(store, CallFilter(phrases=(("您好",),), states=(ReviewState.WAITING,))) == ["c1"]


def test_each_takes_another_call(store: Store, inspect: Inspect) -> None:
    for number in range(8):
        store.save(inspect(f"c{number}"), fingerprint="f", listing=listing(number / 10))
    with ThreadPoolExecutor(4) as pool:
        people = [account(f"p{number % 4}") for number in range(10)]
        taken = list(pool.map(lambda one: store.listings.take_next(one, CallFilter()), people))
    given = [call_id for call_id in taken if call_id is not None]
    assert sorted(given) == [f"c{number}" for number in range(8)]
    assert taken.count(None) == 2


def test_nobody_is_given_an_own_call_or_a_second_look_at_the_own_verdict(
    store: Store, inspect: Inspect
) -> None:
    store.save(inspect("c1"), fingerprint="f", listing=listing())
    take = store.listings.take_next
    assert take(account("a", agent_id="A17"), CallFilter()) is None
    with store.reviews.acting("c1") as history:
        history.stand(Standing(state=ReviewState.AWAITS_SECOND, seq=1, reviewers=("wang", "li_1")))
    assert take(account("wang"), CallFilter()) is None
    assert take(account("lead", team="早期一组"), CallFilter()) is None
    assert take(account("li"), CallFilter()) == "c1"
    assert store.listings.call("c1").assigned_to == "li"  # type: ignore[union-attr]
    with store.reviews.acting("c1") as history:
        history.stand(Standing(state=ReviewState.FINISHED, seq=2))
    assert store.listings.call("c1").assigned_to is None  # type: ignore[union-attr]


def test_calls_are_spread_evenly(store: Store, inspect: Inspect) -> None:
    for number in range(10):
        store.save(inspect(f"c{number}"), fingerprint="f", listing=listing(number / 10))
    people = [account("a"), account("b"), account("c", agent_id="A17")]
    assert store.listings.assign(people, CallFilter(), at_most=7) == {"a": 4, "b": 3, "c": 0}
    assert store.listings.assign(people[:1], CallFilter(), at_most=100) == {"a": 3}
    store.listings.hand_over("c9", None)
    assert ids(store, CallFilter(assigned_to="")) == ["c9"]


def tasks(store: Store, name: str) -> list[str]:
    return ids(store, CallFilter(assigned_to=name))


def test_a_review_that_was_given_back_is_given_out_again(store: Store, inspect: Inspect) -> None:
    for call_id in ("c1", "c2"):
        store.save(inspect(call_id), fingerprint="f", listing=listing())
        store.listings.hand_over(call_id, "wang")
        with store.reviews.acting(call_id) as history:
            history.stand(Standing(state=ReviewState.IN_REVIEW, seq=1, reviewers=("wang",)))
    people = [account("li"), account("zhao")]
    assert store.listings.take_next(people[0], CallFilter()) is None
    assert store.listings.assign(people[1:], CallFilter(), at_most=9) == {"zhao": 0}
    store.listings.hand_over("c1", None)
    assert store.listings.take_next(people[0], CallFilter()) == "c1"
    store.listings.hand_over("c2", None)
    assert store.listings.assign(people[1:], CallFilter(), at_most=9) == {"zhao": 1}
    assert (tasks(store, "wang"), tasks(store, "li"), tasks(store, "zhao")) == ([], ["c1"], ["c2"])


def test_the_tasks_of_an_account_that_is_shut_out_are_given_out_again(store: Store, inspect: Inspect) -> None:
    for name in ("wang", "li"):
        store.accounts.add(account(name), password_hash="h")
        store.save(inspect(f"of-{name}"), fingerprint="f", listing=listing())
        store.listings.hand_over(f"of-{name}", name)
    store.accounts.set_disabled("wang", True)
    store.accounts.set_disabled("li", False)
    found = store.listings.call("of-wang")
    assert found is not None
    assert (found.assigned_to, found.assigned_at) == (None, None)
    assert tasks(store, "li") == ["of-li"]
    assert store.listings.take_next(account("zhao"), CallFilter()) == "of-wang"


def review(call_id: str, review_id: str, **values: object) -> Review:
    return Review(
        id=review_id,
        call_id=call_id,
        action=ReviewAction.COMMENT,
        reviewer="wang",
        at=datetime(2026, 1, 7, 8, 0, tzinfo=UTC),
        note="已听",
        **values,  # type: ignore[arg-type]
    )


def test_a_history_grows_in_order_under_many_hands(store: Store, inspect: Inspect) -> None:
    store.save(inspect("c1"), fingerprint="f")

    def say(number: int) -> int:
        with store.reviews.acting("c1") as history:
            return history.append(review("c1", f"r{number}")).seq

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(say, range(12))) == list(range(1, 13))
    assert [one.seq for one in store.reviews.of("c1")] == list(range(1, 13))
    store.save(inspect("c1", score=1.0), fingerprint="g")
    assert len(list(store.reviews.all())) == 12


def test_an_action_that_fails_leaves_nothing(store: Store, inspect: Inspect) -> None:
    store.save(inspect("c1"), fingerprint="f")

    def break_off() -> None:
        with store.reviews.acting("c1") as history:
            history.append(review("c1", "r1"))
            raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        break_off()
    assert store.reviews.of("c1") == ()
    with pytest.raises(StoreError, match="store_unknown_call"), store.reviews.acting("nothing"):
        pass


def test_accounts_and_sessions(store: Store, count_rows: Callable[[str], int]) -> None:
    from qa_pipeline.types import Session  # noqa: PLC0415

    wang = account("wang", team="早期一组", must_change_password=True)
    store.accounts.add(wang, password_hash="h1")
    with pytest.raises(StoreError, match="store_account_exists"):
        store.accounts.add(wang, password_hash="h2")
    assert store.accounts.account("wang") == wang
    assert store.accounts.all() == (wang,)
    now = datetime.now(UTC)
    session = Session(digest="d", account="wang", created_at=now, seen_at=now)
    store.accounts.open_session(session)
    assert store.accounts.session("d") == (session, wang)
    store.accounts.set_password("wang", "h3", must_change=False)
    assert store.accounts.session("d") is None
    assert store.accounts.password_hash("wang") == "h3"
    assert store.accounts.account("wang") == replace(wang, must_change_password=False)
    store.accounts.open_session(session)
    store.accounts.close_sessions(seen_before=now + timedelta(hours=1), created_before=now)
    assert count_rows("sessions") == 0
    for change in (
        lambda: store.accounts.set_disabled("nobody", True),
        lambda: store.accounts.set_password("nobody", "h", must_change=True),
    ):
        with pytest.raises(StoreError, match="store_unknown_account"):
            change()
