"""The Schemathesis extension: every clause as a check, and the fixtures as data.

    SCHEMATHESIS_HOOKS=conformance.schemathesis st run openapi.yaml --url https://csbs.region.cloud

`import conformance.schemathesis` does the same for the Python API. The options of `run` are read
from the environment (`CSBS_TOKEN`, `CSBS_PROJECT_ID`, `CSBS_PLAN_ID`, `CSBS_RESOURCE`, ...).
"""

from conformance.schemathesis import checks, hooks
from conformance.schemathesis.recording import reports

__all__ = ["checks", "hooks", "reports"]
