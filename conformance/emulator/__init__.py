"""A small reference implementation of the operation, to hold the suite against.

``World`` says what exists, ``Service`` answers requests over it without any network, and
``conformance.emulator.app`` puts a service at the end of a URL. Importing this package loads
neither starlette nor uvicorn.
"""

from conformance.emulator.command import main, run_emulator
from conformance.emulator.messages import (
    Checkpoint,
    CheckpointReq,
    CheckpointStatus,
    Refusal,
    Request,
    Response,
)
from conformance.emulator.service import Service
from conformance.emulator.world import (
    PROVIDER_ID,
    Fixtures,
    Policy,
    Project,
    Server,
    Settings,
    Token,
    World,
    WorldError,
)

__all__ = [
    "PROVIDER_ID",
    "Checkpoint",
    "CheckpointReq",
    "CheckpointStatus",
    "Fixtures",
    "Policy",
    "Project",
    "Refusal",
    "Request",
    "Response",
    "Server",
    "Service",
    "Settings",
    "Token",
    "World",
    "WorldError",
    "main",
    "run_emulator",
]
