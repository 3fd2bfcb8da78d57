"""The error codes a response of the emulator can carry, each with its status and message.

Source: the published table of CSBS error codes, which the document links to as "Error Codes".
The page has no code for a missing login, a missing permission or a malformed request; the codes
of kind ``emulator`` fill those gaps and are this emulator's own.
"""

from enum import Enum, StrEnum


class ErrorKind(StrEnum):
    """What a code says about the operation that met it."""

    BUSY = "busy"
    STATE = "state of the fixture"
    LIMIT = "limit"
    ACCOUNT = "account"
    OBJECT_MISSING = "object missing"
    REQUEST_WRONG = "request wrong"
    SERVER_FAULT = "server fault"
    EMULATOR = "emulator"


class ErrorCode(Enum):
    """One row of the table: ``code``, HTTP ``status``, ``kind`` and ``message``.

    A ``%s`` in a message stands for the name of the object; ``text`` fills it in.
    """

    POLICY_EXECUTING = ("CSBS.1001", 500, ErrorKind.BUSY, "The policy is executing backup.")
    RESOURCE_IN_PROTECTING = ("CSBS.1002", 500, ErrorKind.BUSY, "resource_in_protecting")
    ITEM_IN_PLAN_IS_EXECUTING = ("CSBS.2001", 500, ErrorKind.BUSY, "item in plan is executing")
    ITEM_EXECUTING = ("CSBS.2003", 400, ErrorKind.BUSY, "item in executing")
    ITEM_IN_PLAN_EXECUTING = ("CSBS.2004", 400, ErrorKind.BUSY, "item in plan executing")
    SERVER_IN_SERVICE = ("CSBS.6004", 400, ErrorKind.BUSY, "Server (%s) is already in service.")
    SERVER_IN_SERVICE_TOO = ("CSBS.6005", 400, ErrorKind.BUSY, "Server (%s) is already in service.")
    SERVER_RESTORING = ("CSBS.6015", 400, ErrorKind.BUSY, "The server is restoring.")
    AUTO_PLAN_EXECUTING = ("CSBS.6030", 500, ErrorKind.BUSY, "auto plan executing")
    MANUAL_COPY_EXECUTING = ("CSBS.6031", 400, ErrorKind.BUSY, "manual copy executing")

    SERVER_STOPPED = ("CSBS.6001", 400, ErrorKind.STATE, "The server has stopped.")
    RESOURCE_TYPE_UNSUPPORTED = (
        "CSBS.6003",
        400,
        ErrorKind.STATE,
        "Resource (%s) type (%s) is not support protection.",
    )
    SERVER_STATUS_FORBIDS = (
        "CSBS.6006",
        400,
        ErrorKind.STATE,
        "Server (%s) status (%s) is not allowed to protect.",
    )
    SERVER_WITHOUT_VOLUME = (
        "CSBS.6007",
        400,
        ErrorKind.STATE,
        "No volume attached to the server (%s) for protect.",
    )
    VOLUME_SHAREABLE = (
        "CSBS.6010",
        400,
        ErrorKind.STATE,
        "Volume (%s) attached to server (%s) is shareable volume.",
    )
    ZONE_UNSUPPORTED = (
        "CSBS.6027",
        400,
        ErrorKind.STATE,
        "The AZ where the resource (%s) is located does not support backup.",
    )
    PLAN_WITHOUT_RESOURCE = ("CSBS.6032", 500, ErrorKind.STATE, "plan has no resource backup")
    VOLUME_IS_DSS = (
        "CSBS.6033",
        400,
        ErrorKind.STATE,
        "Service type of volume %s(belong to server %s) is dss.",
    )
    POD_UNSUPPORTED = (
        "CSBS.6061",
        400,
        ErrorKind.STATE,
        "volume of server in this pod does not support backup",
    )

    SERVICE_OVER_LIMIT = ("CSBS.0001", 400, ErrorKind.LIMIT, "Service over limit")
    QUOTA_EXCEEDED = ("CSBS.9006", 400, ErrorKind.LIMIT, "Quota exceeded for resources: %s")

    USER_UNVERIFIED = ("CSBS.9009", 403, ErrorKind.ACCOUNT, "User is unverified.")
    PROJECT_TOO_NEW = (
        "BackupService.4008",
        400,
        ErrorKind.ACCOUNT,
        "New project are not allowed to use old services.",
    )

    SERVER_MISSING = ("CSBS.6000", 400, ErrorKind.OBJECT_MISSING, "server do not exist")
    PLAN_NOT_FOUND = ("CSBS.3000", 404, ErrorKind.OBJECT_MISSING, "plan not found")
    BACKUP_NOT_FOUND = (
        "CSBS.3001",
        404,
        ErrorKind.OBJECT_MISSING,
        "Checkpoint_item (%s) is not found.",
    )

    PROVIDER_INVALID = ("CSBS.9001", 400, ErrorKind.REQUEST_WRONG, "provider invalid")
    STORAGE_TYPES_DIFFER = (
        "CSBS.0002",
        400,
        ErrorKind.REQUEST_WRONG,
        "Volume of services from different storagetype",
    )

    SYSTEM_NOT_SUPPORTED = ("CSBS.9998", 500, ErrorKind.SERVER_FAULT, "System not support")
    FAILED = ("CSBS.9999", 500, ErrorKind.SERVER_FAULT, "%s failed")

    MALFORMED_REQUEST = ("CSBS.0400", 400, ErrorKind.EMULATOR, "Invalid request parameters: %s")
    NOT_AUTHENTICATED = ("CSBS.0401", 401, ErrorKind.EMULATOR, "Authentication failed: %s")
    NOT_PERMITTED = ("CSBS.0403", 403, ErrorKind.EMULATOR, "No operation permission.")
    NOT_FOUND = ("CSBS.0404", 404, ErrorKind.EMULATOR, "Requested object not found: %s")
    METHOD_NOT_ALLOWED = ("CSBS.0405", 405, ErrorKind.EMULATOR, "Method not allowed; allowed: %s")
    BODY_TOO_LARGE = ("CSBS.0413", 413, ErrorKind.EMULATOR, "The body is larger than %s bytes.")

    def __init__(self, code: str, status: int, kind: ErrorKind, message: str) -> None:
        self.code = code
        self.status = status
        self.kind = kind
        self.message = message

    @property
    def published(self) -> bool:
        """Whether the code is in the published table, rather than this emulator's own."""
        return self.kind is not ErrorKind.EMULATOR

    def text(self, name: str = "") -> str:
        """Return the message with ``name`` in place of every ``%s``."""
        return self.message.replace("%s", name)


BY_CODE = {row.code: row for row in ErrorCode}
"""Every row by its code, for example ``BY_CODE["CSBS.6001"]``."""
