"""`qa review`: a person's verdict on one finding; `qa reviews`: the histories of calls."""

from __future__ import annotations

import json
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_pipeline.cli.console import output
from qa_pipeline.cli.documents import STANDARD_OUTPUT, private_file
from qa_pipeline.errors import ReviewError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import ReasonCode, ReviewAction, Severity, message

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.review.call import ReviewedCall
    from qa_pipeline.review.conditions import Reviewer
    from qa_pipeline.review.desk import ReviewDesk
    from qa_pipeline.store.repository import Store

_SHORT = 12
"""Characters of a key that are shown; any unambiguous beginning is taken."""


def review(
    call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call."))],
    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help=_("Key of the finding, or its beginning; qa reviews show CALL.")),
    ],
    verdict: Annotated[str, typer.Argument(metavar="confirm|reject", help=_("What you decide."))],
    *,
    reason: Annotated[ReasonCode | None, typer.Option("--reason", help=_("Why; needed to reject."))] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=_("A remark."))] = "",
    category: Annotated[
        str | None, typer.Option("--category", metavar="ID", help=_("Confirm it as another violation."))
    ] = None,
    severity: Annotated[
        Severity | None, typer.Option("--severity", help=_("Confirm it with another severity."))
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help=_("Who decides; your user name if left out."))
    ] = None,
) -> None:
    """Decide on a finding; a red line is final when a second person agrees."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.review.desk import ReviewDesk, action

    if verdict not in (ReviewAction.CONFIRM, ReviewAction.REJECT):
        told = message("{verdict} is no verdict; write confirm or reject", verdict=verdict)
        raise ReviewError("review_incomplete", told)
    name = by or getuser()
    with open_configured_store(load_settings()) as store:
        desk = ReviewDesk(store)
        target = _whole_key(desk, call, key)
        said = action(
            call,
            ReviewAction(verdict),
            name,
            target=target,
            reason=reason,
            note=note,
            category=category,
            severity=severity,
        )
        done = desk.act(said, reviewer_named(store, name))
        _print_standing(output(), done, desk)


def show(call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call."))]) -> None:
    """Show where each finding of a call stands, both scores, and who did what."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.review.desk import ReviewDesk

    with open_configured_store(load_settings()) as store:
        desk = ReviewDesk(store)
        _print_standing(output(), _known(desk, call), desk)


def export(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.jsonl", help=_("One action a line; - for standard output."))
    ] = STANDARD_OUTPUT,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers in what is written."))
    ] = False,
) -> None:
    """Write everything that people did on calls."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.review.exchange import review_documents

    with open_configured_store(load_settings()) as store, private_file(out) as stream:
        for one in review_documents(store, unmasked=unmasked):
            stream.write(json.dumps(one, ensure_ascii=False) + "\n")


def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help=_("What qa reviews export wrote."))],
) -> None:
    """Add actions from a file; those that are kept already stay as they are."""
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.review.desk import ReviewDesk
    from qa_pipeline.review.exchange import import_reviews, read_reviews

    actions = tuple(read_reviews(file))
    with open_configured_store(load_settings()) as store:
        done = import_reviews(actions, store=store, desk=ReviewDesk(store))
    told = _("{added} actions added, {known} known from before").format(added=done.added, known=done.known)
    typer.echo(told)
    for call_id in done.unknown_calls:
        typer.echo(_("passed over: there is no call {call} in this store").format(call=call_id), err=True)
    if done.unknown_calls:
        raise typer.Exit(1)


def _known(desk: ReviewDesk, call_id: str) -> ReviewedCall:
    from qa_pipeline.errors import ConfigurationError

    found = desk.call(call_id)
    if found is None:
        told = message(
            "no call {call} is kept. Run qa audit FOLDER, or name another store with QA_STORE_URL",
            call=call_id,
        )
        raise ConfigurationError("call_unknown", told)
    return found


def _whole_key(desk: ReviewDesk, call_id: str, start: str) -> str:
    keys = [one.key for one in _known(desk, call_id).findings if one.key.startswith(start)]
    if len(keys) != 1:
        told = message(
            "{count} findings of call {call} have a key that begins with {key}; see: qa reviews show {call}",
            count=len(keys),
            call=call_id,
            key=start,
        )
        raise ReviewError("review_target_unknown", told)
    return keys[0]


def reviewer_named(store: Store, name: str) -> Reviewer:
    """As the rules of a call see this person; somebody without an account is bound by the name alone."""
    from qa_pipeline.review.conditions import Reviewer
    from qa_pipeline.web.permissions import reviewer_of

    account = store.accounts.account(name)
    return Reviewer(name=name, settles=True, releases=True) if account is None else reviewer_of(account)


def _print_standing(console: Console, call: ReviewedCall, desk: ReviewDesk) -> None:
    from rich.table import Table

    from qa_pipeline.reports import figures, labels
    from qa_pipeline.review import words
    from qa_pipeline.review.priority import needs_person
    from qa_pipeline.review.score import reviewed_scorecard

    state = call.state(needed=needs_person(call.inspection))
    console.print(f"{call.inspection.call.call_id}  {words.state(state.value)}", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for finding in call.findings:
        shown = finding.standing or finding.machine
        table.add_row(
            finding.key[:_SHORT],
            labels.severity(shown.severity.value),
            labels.category(shown.category),
            words.finding_state(finding.state.value),
            ", ".join(one.reviewer for one in finding.verdicts),
        )
    console.print(table)
    for lost in call.to_confirm_again:
        again = _("to confirm again: {category}, {verdict} by {person}")
        console.print(
            again.format(
                category=labels.category(lost.found_as or ""),
                verdict=words.action(lost.action.value),
                person=lost.reviewer,
            )
        )
    card, reviewed = call.inspection.scorecard, reviewed_scorecard(call, desk.forms)
    scores = _("Score: {machine} by the machine, {reviewed} reviewed")
    console.print(
        scores.format(
            machine=figures.number(card.normalised if card else None),
            reviewed=figures.number(reviewed.normalised if reviewed else None),
        )
    )
