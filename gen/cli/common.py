"""The options of every command: sources, proxy and settings."""

from __future__ import annotations

import click

from gen.options import options_of
from gen.settings import NO_ENGINE, Settings

OPTIONS = (
    click.option(
        "-f",
        "--file",
        "files",
        multiple=True,
        metavar="COMPOSE",
        help="Read this compose file ('-': standard input); may be repeated, later ones override.",
    ),
    click.option(
        "--compose",
        is_flag=True,
        help="Read the compose files of COMPOSE_FILE, or those with a usual name that are here.",
    ),
    click.option(
        "--stack",
        multiple=True,
        metavar="FILE",
        help="Read this file of `docker stack deploy`, with its deploy.labels; may be repeated, later ones override.",
    ),
    click.option(
        "--env-file",
        "env_files",
        multiple=True,
        metavar="FILE",
        help="With -f: take variables from this file instead of .env; may be repeated, later ones override.",
    ),
    click.option(
        "--project-directory",
        default="",
        metavar="DIR",
        help="With -f: where relative paths begin; by default the file's directory.",
    ),
    click.option(
        "--profile",
        "profiles",
        multiple=True,
        metavar="NAME",
        help="With -f: a compose profile to switch on; may be repeated.",
    ),
    click.option("--project", default="", metavar="NAME", help="With -f: the compose project's name."),
    click.option(
        "--snapshot", default="", metavar="FILE", help="Read what `fairway snapshot` wrote ('-': standard input)."
    ),
    click.option(
        "--docker",
        is_flag=False,
        flag_value="default",
        default="",
        metavar="[URL]",
        help="Read this Docker Engine (unix://, tcp://, ssh://); without URL the one of the Docker CLI. The default. "
        f"{NO_ENGINE}: read none.",
    ),
    click.option(
        "--engine",
        "engines",
        multiple=True,
        metavar="NAME=URL",
        help="Read this Docker Engine too, under a name of yours; may be repeated (a setting).",
    ),
    click.option(
        "--swarm",
        is_flag=False,
        flag_value="default",
        default="",
        metavar="[URL]",
        help="Read the services of a Docker Swarm from this manager; without URL as --docker (a setting).",
    ),
    click.option(
        "--proxy",
        default="",
        metavar="NAME",
        help="Which proxy to configure: nginx or haproxy (a setting).",
        shell_complete=lambda ctx, option, begun: [name for name in ("haproxy", "nginx") if name.startswith(begun)],
    ),
    click.option(
        "--settings",
        "file",
        default=None,
        metavar="FILE",
        help="A file of settings; by default ./fairway.yml if there is one.",
    ),
    click.option("--directory", default="", metavar="DIR", help="Where releases are installed (a setting)."),
    click.option(
        "--certificates", default="", metavar="DIR", help="Where certificates and their keys lie (a setting)."
    ),
    click.option(
        "--set",
        "flags",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any setting, for example listeners=web=8080; may be repeated.",
        shell_complete=lambda ctx, option, begun: _setting_names(begun),
    ),
    click.option("--log-format", default="", metavar="text|json", help="How the log on stderr looks (a setting)."),
    click.option("-v", "--verbose", is_flag=True, help="Log what is otherwise left out."),
)


def _setting_names(begun: str) -> list[str]:
    """What `--set` may go on with."""
    return [f"{option.name}=" for option in options_of(Settings) if option.name.startswith(begun)]
