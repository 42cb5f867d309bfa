"""`qa roles`: who speaks with which voice of a call, and putting it right."""

from __future__ import annotations

from getpass import getuser
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from qa_pipeline.cli.console import UNCERTAIN_STYLE, output
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import ReviewAction

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.types import Inspection, RoleCorrection

_FIRST_WORDS = 40


def show(
    call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call, or its recording."))],
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers as they were heard."))
    ] = False,
) -> None:
    """Show each voice with its role, what that rests on, and what it says first."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.cli.inspect import kept_call
    from qa_pipeline.config import load_settings

    settings = load_settings()
    inspection = kept_call(call, settings)
    call_id = inspection.call.call_id
    with open_configured_store(settings) as store:
        corrections = store.role_corrections([call_id]).get(call_id, ())
    _print_voices(output(), inspection, corrections, ZoneInfo(settings.timezone), unmasked=unmasked)


def swap(
    call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call, or its recording."))],
    agent: Annotated[
        int | None,
        typer.Option(
            "--agent", metavar="VOICE", help=_("The voice that is the agent's, where nobody has a role yet.")
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help=_("Who says so; your user name if left out."))
    ] = None,
) -> None:
    """Exchange agent and customer and score the call again from the words that are kept."""
    from functools import partial

    from qa_pipeline.assembly import build_engine, open_configured_store
    from qa_pipeline.cli.inspect import kept_call
    from qa_pipeline.cli.review import reviewer_named
    from qa_pipeline.config import load_settings
    from qa_pipeline.review.desk import ReviewDesk, action
    from qa_pipeline.review.roles import perform

    settings = load_settings()
    call_id = kept_call(call, settings).call.call_id
    name = by or getuser()
    with open_configured_store(settings) as store:
        exchange = action(call_id, ReviewAction.SWAP_ROLES, name, target="" if agent is None else str(agent))
        done = perform(
            exchange,
            reviewer_named(store, name),
            desk=ReviewDesk(store),
            store=store,
            engine=partial(build_engine, settings),
        )
        corrections = store.role_corrections([call_id])[call_id]
    _print_voices(output(), done.inspection, corrections, ZoneInfo(settings.timezone), unmasked=False)


def _print_voices(
    console: Console,
    inspection: Inspection,
    corrections: tuple[RoleCorrection, ...],
    zone: ZoneInfo,
    *,
    unmasked: bool,
) -> None:
    from rich.table import Table

    from qa_pipeline.reports import labels
    from qa_pipeline.reports.dialogue import dialogue
    from qa_pipeline.reports.figures import duration, moment

    console.print(inspection.call.call_id, style="bold", soft_wrap=True)
    if not inspection.voices:
        console.print(_("No voices: nothing was heard, or the transcript was given with its roles."))
        return
    transcript = inspection.transcript
    utterances = transcript.utterances if transcript else ()
    words = {line.utterance_id: line for line in dialogue(inspection, unmasked=unmasked)}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (_("voice"), _("role"), _("confidence"), _("known by"), _("talk"), _("first words")):
        table.add_column(heading, header_style="dim", overflow="fold")
    for voice in inspection.voices:
        own = [each for each in utterances if each.voice == voice.voice]
        talk_ms = sum(each.span.duration_ms for each in own if each.span)
        first = "".join(piece.text for piece in words[own[0].id].pieces) if own else ""
        table.add_row(
            str(voice.voice),
            labels.role(voice.role.value),
            f"{voice.confidence:.0%}" if voice.confidence else "",
            labels.role_basis(voice.basis.value),
            duration(talk_ms),
            first[:_FIRST_WORDS],
        )
    console.print(table)
    for correction in corrections:
        said = (
            _("{time}: {name} took back what was said of the voices")
            if correction.agent_voice is None
            else _("{time}: {name} said that voice {voice} is the agent's")
        )
        when = moment(correction.corrected_at.astimezone(zone))
        console.print(
            said.format(time=when, name=correction.corrected_by, voice=correction.agent_voice), style="dim"
        )
    for reason in labels.reasons(inspection):
        console.print(f"· {reason}", style=UNCERTAIN_STYLE, soft_wrap=True)
