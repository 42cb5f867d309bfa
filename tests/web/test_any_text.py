"""A recording whose name is no UTF-8 costs nobody a page, by its id, its place or what is told of it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store
from qa_pipeline.types import message
from qa_pipeline.web.call_query import CallQuery
from tests.builders import failed_call, threatening_call
from tests.web.conftest import SignedIn

PLACE, OLD_ID = os.fsdecode("/录音/".encode("gbk")), os.fsdecode(b"a\xff")


@pytest.fixture
def run(store: Store) -> str:
    """Calls from such a folder, one of them under an id of before, and one that failed; the run's id."""
    run = store.start_run("audit", {"paths": [PLACE]})
    call, old, failed = threatening_call("gbk"), threatening_call(OLD_ID), failed_call("gbk-failed")
    assert call.recording is not None
    assert failed.failure is not None
    placed = replace(call, recording=replace(call.recording, uri=f"{PLACE}x.wav"))
    told = replace(failed.failure, message=message("{file} cannot be read", file=f"{PLACE}y.wav"))
    for one in (placed, old, replace(failed, failure=told)):
        store.save(one, fingerprint="f", run_id=run, listing=listing_of(one))
    return run


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/?view=all", "a\\udcff"),
        ("/?view=all&q=坐牢", "a\\udcff"),
        ("/calls/gbk", "gbk"),
        ("/calls/gbk-failed", "gbk-failed"),
        ("/nights", "{run}"),
        ("/nights/{run}", "gbk-failed"),
        ("/scorecards/3107", "3107"),
        ("/api/v1/calls?view=all", "a\\udcff"),
        ("/api/v1/calls/gbk", "\\udcd2"),
        ("/api/v1/calls/gbk-failed", "\\udcd2"),
    ],
)
def test_every_page_is_there(signed_in: SignedIn, run: str, address: str, shown: str) -> None:
    answer = signed_in("qa_lead").get(address.format(run=run))
    assert answer.status_code == 200
    assert shown.format(run=run) in answer.text


@pytest.mark.usefixtures("run")
def test_such_a_call_is_taken_like_any_other(signed_in: SignedIn) -> None:
    client = signed_in("qa_lead")
    taken = [client.post("/take").headers["location"] for _ in range(3)]
    assert "/calls/a%5Cudcff" in taken
    assert client.get("/").status_code == 200
    assert CallQuery().url(after=f"0.5_{OLD_ID}") == "/?after=0.5_a%5Cudcff"
