"""`qa models`: the speech models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qa_pipeline.cli.console import output
from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from qa_pipeline.speech.manifest import ModelEntry

_MEGABYTE = 1_000_000


def list_models() -> None:
    """Print the models of the manifest, and which are at hand."""
    from rich.table import Table

    from qa_pipeline.config import load_settings
    from qa_pipeline.speech.artifacts import ModelCatalogue, is_pulled

    settings, console = load_settings(), output()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (_("Model"), _("Also"), _("Size"), _("Licence"), _("State")):
        # A name or hub id is there to be copied: folded it is whole, cut it is not.
        table.add_column(heading, overflow="fold")
    for entry in ModelCatalogue.load().entries:
        state = _state(entry, pulled=is_pulled(entry, data_folder=settings.data_folder))
        size = f"{entry.size / _MEGABYTE:,.0f} MB"
        table.add_row(entry.name, "\n".join((*entry.aliases, entry.hub_id)), size, entry.licence, state)
    console.print(table)
    console.print(_("In use: {model} (QA_MODEL)").format(model=settings.model))


def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("A name of `qa models list`, or a hub id."))],
) -> None:
    """Fetch a model and verify every byte of it."""
    from rich.progress import BarColumn, DownloadColumn, Progress

    from qa_pipeline.assembly import ready_data_folder
    from qa_pipeline.config import load_settings
    from qa_pipeline.speech.artifacts import pull as pull_model

    data_folder = load_settings().data_folder
    ready_data_folder(data_folder)
    errors = output(to_stderr=True)
    with Progress(
        BarColumn(), DownloadColumn(), console=errors, transient=True, disable=not errors.is_terminal
    ) as progress:
        task = progress.add_task("", total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        model = pull_model(name, data_folder=data_folder, progress=advance)
    text = _("{model} is here and verified: {folder}")
    output().print(text.format(model=model.artifact.name, folder=model.folder), soft_wrap=True)


def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help=_("One model; all that are here when left out."))
    ] = None,
) -> None:
    """Read every byte again and compare it with the pinned checksums."""
    from qa_pipeline.config import load_settings
    from qa_pipeline.speech.artifacts import ModelCatalogue, is_at_hand
    from qa_pipeline.speech.artifacts import verify as verify_model

    folder, console = load_settings().data_folder, output()
    entries = ModelCatalogue.load().entries
    names = [name] if name else [entry.name for entry in entries if is_at_hand(entry, data_folder=folder)]
    for each in names:
        model = verify_model(each, data_folder=folder)
        text = _("{model}: as pinned, sha256 {sha256}")
        console.print(text.format(model=model.artifact.name, sha256=model.artifact.sha256), soft_wrap=True)
    if not names:
        console.print(_("No model has been pulled yet; see: qa models list"))


def _state(entry: ModelEntry, *, pulled: bool) -> str:
    if pulled:
        return _("here")
    if entry.carrier is not None and entry.carrier.installed():
        return _("installed, joined on first use")
    return _("qa models pull {name}").format(name=entry.name)
