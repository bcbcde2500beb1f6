"""`fairway schema`: what editors want to know of labels and files."""

from __future__ import annotations

import json

import click

from gen.cli.passes import write

_KINDS = click.Choice(["settings", "labels", "compose", "snapshot"])


@click.command(short_help="Print a JSON Schema, so that editors complete and check.")
@click.argument("kind", type=_KINDS)
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
def schema(kind: str, output: str) -> None:
    """Print a JSON Schema (draft 7): of the settings in fairway.yml, of labels as an object, of a compose file with
    these labels in it, or of a snapshot.

    An editor with the YAML language server takes it from the first line of a file:
    # yaml-language-server: $schema=fairway-compose.json
    """
    from gen import schema as schemas
    from gen.sources.snapshot import json_schema

    makers = {"settings": schemas.of_settings, "labels": schemas.of_labels, "compose": schemas.of_compose}
    write(json.dumps(makers.get(kind, json_schema)(), indent=2) + "\n", output)
