"""Claims on calls: one process a call, and nothing lost with a process that is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from qa_pipeline.store.claims import Claim, Claims, has_ended, this_process
from qa_pipeline.store.database import Database
from qa_pipeline.store.repository import Store
from tests.store.conftest import Inspect

ELSEWHERE, NEXT_DOOR = "another-machine/7/100", "third-machine/7/100"
OWNER_OF_ANOTHER_PROCESS = "from qa_pipeline.store.claims import this_process; print(this_process())"


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    database = Database(store_url, busy_timeout_ms=30_000)
    yield database
    database.close()


def test_a_call_is_claimed_once(database: Database) -> None:
    ours, theirs = Claims(database), Claims(database, owner=ELSEWHERE)
    assert ours.take("c1", done=()) is Claim.TAKEN
    assert theirs.take("c1", done=()) is Claim.HELD_ELSEWHERE
    assert theirs.take("c2", done=()) is Claim.TAKEN
    assert ours.take("c1", done=()) is Claim.TAKEN
    assert ours.living() == 2
    theirs.release_all()
    assert ours.take("c2", done=()) is Claim.TAKEN


def test_a_lease_ends_by_itself_and_is_renewed(database: Database) -> None:
    over = Claims(database, owner=ELSEWHERE, lease=timedelta(seconds=-1))
    assert over.take("c1", done=()) is Claim.TAKEN
    assert Claims(database, owner=NEXT_DOOR).take("c1", done=()) is Claim.TAKEN
    assert over.take("c2", done=()) is Claim.TAKEN
    Claims(database, owner=ELSEWHERE).renew()
    assert Claims(database, owner=NEXT_DOOR).take("c2", done=()) is Claim.HELD_ELSEWHERE


def test_a_process_that_is_gone_holds_nothing(database: Database) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", OWNER_OF_ANOTHER_PROCESS], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert gone != this_process()
    assert has_ended(gone)
    assert not has_ended(this_process())
    assert not has_ended(ELSEWHERE)
    assert Claims(database, owner=gone).take("c1", done=()) is Claim.TAKEN
    assert Claims(database).living() == 0
    assert Claims(database).take("c1", done=()) is Claim.TAKEN


def test_what_is_kept_is_done_and_no_claim_stays(database: Database, store: Store, inspect: Inspect) -> None:
    claims = Claims(database)
    inspection = inspect()
    call_id = inspection.call.call_id
    assert claims.take(call_id, done=("f1",)) is Claim.TAKEN
    store.save(inspection, fingerprint="f1")
    assert claims.living() == 0
    assert Claims(database, owner=ELSEWHERE).take(call_id, done=("f1",)) is Claim.DONE
    assert claims.take(call_id, done=("f2",)) is Claim.TAKEN


def test_many_at_once_share_without_loss(database: Database) -> None:
    calls = [f"c{number}" for number in range(12)]

    def all_of(owner: str) -> list[str]:
        claims = Claims(database, owner=owner)
        return [call for call in calls if claims.take(call, done=()) is Claim.TAKEN]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(all_of, [f"machine-{number}/1/1" for number in range(4)]))
    assert sorted(call for part in taken for call in part) == sorted(calls)
