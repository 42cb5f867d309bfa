"""What the player of a call asks for: the sound in any part, and the peaks of its waveform.

Both are made when somebody first opens the call, in a worker thread, and kept for their owner alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from qa_pipeline.errors import AccessError
from qa_pipeline.speech.playback import MEDIA_TYPE, Playback, playback
from qa_pipeline.types import message
from qa_pipeline.web.deps import ONE_LOOK, Needs, Visitor
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)
Listener = Annotated[Visitor, Depends(Needs(Permission.LISTEN))]

FOLDER = "playback"
"""Under the data folder; it may be emptied at any time, what is needed is made again."""

_A_WHILE = {"Cache-Control": f"private, max-age={ONE_LOOK // timedelta(seconds=1)}"}


@router.get("/peaks/{call_id:path}")
def peaks(visitor: Listener, call_id: str) -> Response:
    """How loud each channel is, twenty times a second."""
    made = _playback(visitor, call_id)
    visitor.log_look("call.listen", call_id)
    return FileResponse(made.peaks, media_type="application/json", headers=_A_WHILE)


@router.get("/audio/{call_id:path}")
def audio(visitor: Listener, call_id: str) -> Response:
    """The sound, whole or the part that is asked for."""
    made = _playback(visitor, call_id)
    visitor.log_look("call.listen", call_id)
    return FileResponse(made.sound, media_type=MEDIA_TYPE, headers=_A_WHILE)


def _playback(visitor: Visitor, call_id: str) -> Playback:
    visitor.listed(call_id)
    inspection = visitor.desk.store.inspection(call_id)
    if inspection is None or inspection.recording is None:
        raise AccessError("sound_missing", message("Call {call} has no recording to play.", call=call_id))
    return playback(inspection.recording, visitor.desk.settings.data_folder / FOLDER)
