"""Audits on one store at the same time: each call is worked on by one process, and none is left behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread
from types import TracebackType
from typing import Self

from qa_pipeline.errors import StoreError
from qa_pipeline.intake.folder import CallSource
from qa_pipeline.store.claims import RENEWAL_SECONDS, Claim
from qa_pipeline.store.repository import Store

_log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class SharedWork:
    """The calls of one audit among several; to be used as a context, which keeps its claims alive.

    Args:
        done: the fingerprints by which a kept result makes work on a call needless.
    """

    def __init__(self, store: Store, done: Callable[[CallSource], tuple[str, ...]]) -> None:
        self._claims = store.claims
        self._done = done
        self._elsewhere: dict[str, CallSource] = {}
        self._over = Event()
        self._renewing = Thread(target=self._renew, daemon=True, name="claims")

    def take(self, sources: Iterable[CallSource]) -> Iterator[CallSource]:
        """Those calls that are ours, claimed as they are asked for; whoever keeps one says so with `kept`."""
        for source in sources:
            call_id = source.call.call_id
            claim = self._claims.take(call_id, done=self._done(source))
            if claim is Claim.TAKEN:
                yield source
            elif claim is Claim.HELD_ELSEWHERE:
                self._elsewhere[call_id] = source
            else:
                self.kept(call_id)

    def kept(self, call_id: str) -> None:
        """The result of a call is kept, so there is nothing to wait for any more."""
        self._elsewhere.pop(call_id, None)

    def left_to_others(self) -> Iterator[tuple[CallSource, ...]]:
        """What other audits were working on, again and again until nothing is left to wait for.

        Whoever iterates offers each batch to `take`, which finds out what is done, and what has become free
        because the other audit ended. A batch that breaks off is offered again to who iterates anew.
        """
        while self._elsewhere:
            yield tuple(self._elsewhere.values())
            if self._elsewhere:
                time.sleep(LOOK_AGAIN_SECONDS)

    def __enter__(self) -> Self:
        self._renewing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._renewing.join()
        try:
            self._claims.release_all()
        except StoreError as trouble:
            _log.warning("claims not given back, they end by themselves: %s", trouble.code)

    def _renew(self) -> None:
        while not self._over.wait(RENEWAL_SECONDS):
            try:
                self._claims.renew()
            except StoreError as trouble:
                _log.warning("claims not renewed, tried again: %s", trouble.code)
