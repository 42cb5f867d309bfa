"""How long the desk's pages take on a store with a department's worth of calls.

    python -m benchmarks.generated_calls sqlite:////tmp/big/qa.db --calls 100000
    python -m benchmarks.desk sqlite:////tmp/big/qa.db

Each page is asked for through the whole application, sign-in, masking and template included, without the
network. The pages are asked in turn, after one round that is not counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import statistics
import tempfile
import time
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi.testclient import TestClient

from qa_pipeline.config import load_settings
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import Account, DeskRole, Session
from qa_pipeline.web.app import create_app
from qa_pipeline.web.deps import SESSION_COOKIE

GOAL_MS = 300
_ROUNDS = 15


def pages(calls: list[str]) -> dict[str, list[str]]:
    """Addresses to ask for, by what they measure."""
    return {
        "queue": ["/"],
        "queue, filtered": ["/?team=3组&grade=red_line", "/?agent=2040&view=all", "/?category=threat.arrest"],
        "queue, all calls": ["/?view=all"],
        "search, two characters": ["/?view=all&q=起诉", "/?q=分期", "/?view=all&q=上门抓人"],
        "search, in every call": ["/?view=all&q=您好"],
        "call page": [f"/calls/{quote(call_id)}" for call_id in calls],
    }


def measure(store: Store, url: str) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each kind of page, and the median of this process's own work alone.

    On a machine that does other things the last tells more; work of a PostgreSQL server is not in it.
    """
    settings = load_settings(store_url=url, data_folder=tempfile.mkdtemp())
    client = TestClient(create_app(settings, store), cookies={SESSION_COOKIE: _sign_in(store)})
    from qa_pipeline.store.call_filter import CallFilter  # noqa: PLC0415

    calls = [one.call_id for one in store.listings.page(CallFilter(), limit=200)][:: 200 // _ROUNDS]
    result: dict[str, dict[str, float]] = {}
    for kind, addresses in pages(calls).items():
        taken: list[float] = []
        worked: list[float] = []
        for turn in range(_ROUNDS + 1):
            address = addresses[turn % len(addresses)]
            start, begun = time.perf_counter(), time.process_time()
            answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
            taken.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - begun) * 1000)
        counted = sorted(taken[1:])
        result[kind] = {
            "median_ms": round(statistics.median(counted), 1),
            "p95_ms": round(counted[int(0.95 * (len(counted) - 1))], 1),
            "processor_median_ms": round(statistics.median(worked[1:]), 1),
            "requests": len(counted),
        }
    return result


def _sign_in(store: Store) -> str:
    now, token, name = datetime.now(UTC), secrets.token_urlsafe(16), f"bench{secrets.token_hex(4)}"
    account = Account(name=name, role=DeskRole.QA_LEAD, created_at=now)
    store.accounts.add(account, password_hash="unused")
    digest = hashlib.sha256(token.encode()).hexdigest()
    store.accounts.open_session(Session(digest=digest, account=name, created_at=now, seen_at=now))
    return token


def main() -> None:
    """Measure the store named on the command line and print the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("store", help="sqlite:////folder/qa.db or postgresql://...")
    chosen = parser.parse_args()
    with open_store(chosen.store) as store:
        figures = measure(store, chosen.store)
    print(
        json.dumps(
            {"processors": len(os.sched_getaffinity(0)), "pages": figures}, ensure_ascii=False, indent=1
        )
    )
    slow = [kind for kind, one in figures.items() if one["median_ms"] > GOAL_MS]
    if slow:
        raise SystemExit(f"over {GOAL_MS} ms at the median: {', '.join(slow)}")


if __name__ == "__main__":
    main()
