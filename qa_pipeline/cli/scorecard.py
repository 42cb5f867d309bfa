"""`qa scorecard`: one agent over a period."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_pipeline.cli.console import check_file, check_folder, output
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.types import message

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.reports.agent_scorecard import AgentScorecard

_DAY = ["%Y-%m-%d"]


def scorecard(
    agent: Annotated[str, typer.Option("--agent", metavar="A", help=_("Staff number of the agent."))],
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", formats=_DAY, help=_("First day of the period; the first call kept when left out.")
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until", formats=_DAY, help=_("Last day of the period; the last call kept when left out.")
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help=_("Write the page here; else into the folder of reports.")
        ),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers in what is written."))
    ] = False,
) -> None:
    """Print the scorecard and write it as a page."""
    from flows.agents import calls_of, page_name
    from qa_pipeline.assembly import open_configured_store
    from qa_pipeline.config import load_settings
    from qa_pipeline.reports.agent_scorecard import Period, build, write_page
    from qa_pipeline.review.desk import ReviewDesk

    settings = load_settings()
    if since is not None and until is not None and since > until:
        told = message(
            "the period ends before it begins: --since {since}, --until {until}; exchange them",
            since=since.date(),
            until=until.date(),
        )
        raise ConfigurationError("period_invalid", told)
    page = html or settings.reports / page_name(agent)
    period = Period(first=since.date() if since else None, last=until.date() if until else None)
    with open_configured_store(settings) as store:
        calls = calls_of(store, agent, period, timezone=settings.timezone, forms=ReviewDesk(store).forms)
        first = next(calls, None)
        if first is None:
            told = message(
                "no call of agent {agent} is kept for this period. Run: qa audit FOLDER", agent=agent
            )
            raise ConfigurationError("agent_unknown", told)
        card = build(chain([first], calls), agent, period, unmasked=unmasked)
    if html is None:
        check_folder(page.parent)
    else:
        check_file(page)
    console = output()
    _print_card(console, card)
    console.print(_("Page: {path}").format(path=write_page(card, page)), soft_wrap=True)


def _print_card(console: Console, card: AgentScorecard) -> None:
    from rich.table import Table

    from qa_pipeline.reports.agent_rows import rows

    for section, lines in groupby(rows(card), key=lambda row: row.section):
        console.print()
        console.print(section, style="bold underline")
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(min_width=20, overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(style="dim", overflow="fold")
        for line in lines:
            table.add_row(line.name, line.value, line.note)
        console.print(table)
