"""Serve the control plane: `python -m control_plane`."""

import sys

import uvicorn

from control_plane.config import Config
from shared.runtime.config import ConfigInvalid, load_config
from shared.runtime.logs import configure_logging

GRACEFUL_SHUTDOWN_S = 5


def main() -> None:
    try:
        config = load_config(Config)
    except ConfigInvalid as error:
        sys.exit(f"control_plane: the environment is not complete:\n{error}")
    configure_logging("control_plane", level=config.log_level)
    uvicorn.run(
        "control_plane.asgi:application",
        host=config.host,
        port=config.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )


if __name__ == "__main__":
    main()
