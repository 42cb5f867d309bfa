"""`qa rules`: check a pack, show what it says, try sentences on it, and explain a call by it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from qa_pipeline.cli.console import output
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.types import CallType, Role


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help=_("Folder of a rule pack; the one in use when left out.")),
    ] = None,
) -> None:
    """Run every example of the pack; each that comes out otherwise than it says is named with its line."""
    from qa_pipeline.config import load_settings
    from qa_pipeline.rules import bench
    from qa_pipeline.rules.loader import load_pack

    rules = load_pack(folder or load_settings().rule_pack)
    problems = bench.check(rules)
    console = output()
    for problem in problems:
        console.print(
            f"{problem.location}: {problem.entry_id}: “{problem.words}”", style="red", soft_wrap=True
        )
        text = _("    expected: {expected}; found: {found}")
        found, expected = render(problem.found), render(problem.expected)
        console.print(text.format(expected=expected, found=found), soft_wrap=True)
    text = _("{pack}: {rules} rules, {elements} elements, {problems} problems")
    count = {"rules": len(rules.rules), "elements": len(rules.elements), "problems": len(problems)}
    console.print(text.format(pack=rules.id, **count))
    raise typer.Exit(1 if problems else 0)


def show(
    name: Annotated[str, typer.Argument(metavar="ID", help=_("Id of a rule, an element or an exemption."))],
    pack: Annotated[
        Path | None,
        typer.Option("--pack", metavar="DIR", help=_("Folder of a rule pack, instead of the one in use.")),
    ] = None,
) -> None:
    """Show a rule or an element as its author wrote it, with its file and line, exemptions and words."""
    from qa_pipeline.cli.sheets import print_sheet
    from qa_pipeline.config import load_settings
    from qa_pipeline.rules.loader import PACKAGED, load_pack
    from qa_pipeline.rules.sources import sheet_of

    folder = pack or load_settings().rule_pack or PACKAGED
    print_sheet(output(), sheet_of(load_pack(folder), folder, name))


def try_sentence(
    texts: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help=_("What is said, each by itself; - reads lines from a pipe.")),
    ],
    role: Annotated[Role, typer.Option("--role", help=_("Who says it."))] = Role.AGENT,
    call_type: Annotated[
        CallType, typer.Option("--call-type", help=_("Whom the agent reached."))
    ] = CallType.RIGHT_PARTY,
    pack: Annotated[
        Path | None,
        typer.Option("--pack", metavar="DIR", help=_("Folder of a rule pack, instead of the one in use.")),
    ] = None,
) -> None:
    """Show which rules and script elements a sentence meets, and why; and which exemption acquits it."""
    from qa_pipeline.assembly import build_reader
    from qa_pipeline.cli.trials import print_trial
    from qa_pipeline.config import load_settings
    from qa_pipeline.rules.loader import load_pack
    from qa_pipeline.rules.trials import try_texts

    said = list(_lines(texts))
    reader = build_reader()
    rules = load_pack(pack or load_settings().rule_pack)
    trials = try_texts(rules, said, role, call_type=call_type, reader=reader)
    console = output()
    if role is Role.CUSTOMER:
        console.print(_("Only the agent's words can violate; what the customer says breaks no rule."))
    for trial in trials:
        if len(said) > 1:
            console.print(f"“{trial.text}”", style="bold", soft_wrap=True)
        print_trial(console, trial)


def explain(
    call: Annotated[str, typer.Argument(metavar="CALL", help=_("Id of the call, or its recording."))],
    name: Annotated[str, typer.Argument(metavar="RULE", help=_("Id of a rule."))],
    pack: Annotated[
        Path | None,
        typer.Option("--pack", metavar="DIR", help=_("Folder of a rule pack, instead of the one in use.")),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help=_("Show names and numbers as they were heard."))
    ] = False,
) -> None:
    """Show which words of a kept call met a rule and what acquitted them, or what came nearest."""
    from qa_pipeline.cli.explanations import conversation_of, print_account
    from qa_pipeline.cli.inspect import kept_call
    from qa_pipeline.config import load_settings
    from qa_pipeline.rules.account import account_of
    from qa_pipeline.rules.loader import load_pack

    settings = load_settings()
    inspection = kept_call(call, settings)
    account = account_of(load_pack(pack or settings.rule_pack), name, conversation_of(inspection))
    print_account(output(), account, inspection, unmasked=unmasked)


def _lines(texts: list[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield text
