"""OpenBao: unsealed by a key file, initialized from its configuration, audited from the start."""

import json
import os
import secrets
import shutil
from pathlib import Path

import hvac
import requests

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.health import http_problem
from infra.local.home import Home, write_private
from infra.local.settings_file import write_settings
from infra.local.vault_setup import configure

_CONFIG = """\
ui           = true
log_level    = "warn"
api_addr     = "http://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster_port}"

listener "tcp" {{
  address         = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster_port}"
  tls_disable     = true
}}

storage "raft" {{
  path                   = {data}
  node_id                = "local"
  performance_multiplier = 1
}}

seal "static" {{
  current_key_id = "local-1"
  current_key    = {unseal_key}
}}

audit "file" "local" {{
  options = {{ file_path = {audit_log} }}
}}

initialize "boot" {{
  request "root-token" {{
    operation = "update"
    path      = "auth/token/create-orphan"
    data = {{
      id           = {{ eval_source = "file", eval_type = "string", path = {root_token} }}
      policies     = ["root"]
      display_name = "local"
    }}
  }}
}}
"""


def root_token(home: Home) -> Path:
    """The file that holds the only root token; nothing but the set-up of the stack reads it."""
    return home.vault / "root-token"


def config(site: Site) -> str:
    """OpenBao's configuration: a restart needs nobody, neither to unseal nor to initialize."""
    vault = site.home.vault
    return _CONFIG.format(
        port=site.ports["openbao"],
        cluster_port=site.ports["openbao-cluster"],
        data=json.dumps(str(vault / "data")),
        unseal_key=json.dumps(f"file://{vault / 'unseal.key'}"),
        audit_log=json.dumps(str(vault / "audit.log")),
        root_token=json.dumps(str(root_token(site.home))),
    )


def _configured(home: Home) -> Path:
    return home.vault / "configured"


def _prepare(site: Site) -> None:
    vault = site.home.vault
    if not _configured(site.home).exists():
        # An initialization that was cut short never completes: OpenBao refuses to unseal. There
        # is nothing of worth in it yet.
        for unfinished in (vault / "data", site.home.approles):
            shutil.rmtree(unfinished, ignore_errors=True)
    (vault / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    key = vault / "unseal.key"
    if not key.exists():
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    if not root_token(site.home).exists():
        write_private(root_token(site.home), secrets.token_hex(24))
    write_private(vault / "openbao.hcl", config(site))


def _command(site: Site) -> list[str]:
    return [str(binary("bao")), "server", f"-config={site.home.vault / 'openbao.hcl'}"]


def _problem(site: Site) -> str | None:
    return http_problem(site.ports["openbao"], "/v1/sys/health")


def _settle(site: Site) -> None:
    configure(site, token=root_token(site.home).read_text("utf-8"))
    # By now OpenBao has said under which name the command line is known to it.
    write_settings(site)
    _configured(site.home).touch(mode=0o600)


OPENBAO = Component(
    "openbao",
    command=_command,
    prepare=_prepare,
    problem=_problem,
    settle=_settle,
    unsettled=(hvac.exceptions.VaultError, requests.RequestException),
)
