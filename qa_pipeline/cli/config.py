"""`qa config`: the settings."""

from __future__ import annotations

from qa_pipeline.cli.console import output


def show() -> None:
    """Print every setting in force, and the files that were looked for."""
    from rich.table import Table

    from qa_pipeline.config import load_settings
    from qa_pipeline.i18n import gettext as _
    from qa_pipeline.settings_files import settings_files

    settings, console = load_settings(), output()
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Setting"))
    table.add_column(_("Value"), overflow="fold")
    table.add_column(_("Environment"))
    for name, value in settings.shown().items():
        absent = _("the packaged Chinese pack") if name == "rule_pack" else "—"
        table.add_row(name, value or absent, f"QA_{name.upper()}")
    console.print(table)
    for path in reversed(settings_files()):
        found = _("read") if path.is_file() else _("not there")
        console.print(_("File {path}: {found}").format(path=path, found=found), soft_wrap=True)
