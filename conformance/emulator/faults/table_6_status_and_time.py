"""Faults in ``status`` and ``created_at`` of the checkpoint (Table 6)."""
# ruff: noqa: D102

from datetime import timedelta

from conformance.emulator.faults.parts import without
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint
from conformance.emulator.service import Service


@fault("status-missing", breaks="T6.status.present")
class StatusMissing(Service):
    """The status is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "status")


@fault("status-is-null", breaks="T6.status.type")
class StatusIsNull(Service):
    """The status is null until it is known."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return None


@fault("status-is-a-number", breaks="T6.status.type")
class StatusIsANumber(Service):
    """The status is the number of an enumeration."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return 0


@fault("status-is-an-object", breaks="T6.status.type")
class StatusIsAnObject(Service):
    """The status is an object with a name."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return {"name": self.status_of(checkpoint)}


@fault("status-in-capitals", breaks="T6.status.values")
class StatusInCapitals(Service):
    """The status is written in capitals."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return self.status_of(checkpoint).upper()


@fault("status-capitalised", breaks="T6.status.values")
class StatusCapitalised(Service):
    """The status begins with a capital."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return self.status_of(checkpoint).capitalize()


@fault("status-of-another-service", breaks="T6.status.values")
class StatusOfAnotherService(Service):
    """The status is one of the volume service."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return "creating"


@fault("status-is-success", breaks="T6.status.values")
class StatusIsSuccess(Service):
    """The status says how the request went, not where the backup stands."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return "success"


@fault("status-is-empty", breaks="T6.status.values")
class StatusIsEmpty(Service):
    """The status is an empty string."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return ""


@fault("status-padded", breaks="T6.status.values")
class StatusPadded(Service):
    """The status is a column of fixed width, padded with spaces."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return f"{self.status_of(checkpoint):16}"


@fault("created-at-missing", breaks="T6.created_at.present")
class CreatedAtMissing(Service):
    """The time is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "created_at")


@fault("created-at-is-a-number", breaks="T6.created_at.type")
class CreatedAtIsANumber(Service):
    """The time is a number of milliseconds."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return int(checkpoint.created_at.timestamp() * 1000)


@fault("created-at-is-null", breaks="T6.created_at.type")
class CreatedAtIsNull(Service):
    """The time is null until the backup has begun."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return None


@fault("created-at-is-an-object", breaks="T6.created_at.type")
class CreatedAtIsAnObject(Service):
    """The time is wrapped, as one database exports it."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return {"$date": self.time_text(checkpoint.created_at)}


@fault("created-at-is-empty", breaks="T6.created_at.moment")
class CreatedAtIsEmpty(Service):
    """The time is an empty string."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return ""


@fault("created-at-in-words", breaks="T6.created_at.moment")
class CreatedAtInWords(Service):
    """The time is given in words."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "just now"


@fault("created-at-without-time", breaks="T6.created_at.moment")
class CreatedAtWithoutTime(Service):
    """Only the date is given."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at)[:10]


@fault("created-at-without-date", breaks="T6.created_at.moment")
class CreatedAtWithoutDate(Service):
    """Only the time of day is given."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at)[11:]


@fault("created-at-with-month-zero", breaks="T6.created_at.moment")
class CreatedAtWithMonthZero(Service):
    """Months are counted from 0, and it is January."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "2026-00-15T08:00:00.000000"


@fault("created-at-with-day-31", breaks="T6.created_at.moment")
class CreatedAtWithDay31(Service):
    """The day is not one of its month."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "2026-02-31T08:00:00.000000"


@fault("created-at-a-format", breaks="T6.created_at.moment")
class CreatedAtAFormat(Service):
    """The format is printed, not the time."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "yyyy-MM-ddTHH:mm:ss.SSSSSS"


@fault("created-at-of-the-example", breaks="T6.created_at.fresh")
class CreatedAtOfTheExample(Service):
    """The time is that of the example."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "2016-12-06T21:20:29.898823"


@fault("created-at-zero", breaks="T6.created_at.fresh")
class CreatedAtZero(Service):
    """The time was never set, and the zero of the clock is printed."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return "1970-01-01T00:00:00.000000"


@fault("created-at-of-the-policy", breaks="T6.created_at.fresh")
class CreatedAtOfThePolicy(Service):
    """The time is that of the policy, which is a week old."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at - timedelta(days=7))


@fault("created-at-seven-minutes-slow", breaks="T6.created_at.fresh")
class CreatedAtSevenMinutesSlow(Service):
    """The clock is seven minutes slow."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at - timedelta(minutes=7))


@fault("created-at-tomorrow", breaks="T6.created_at.fresh")
class CreatedAtTomorrow(Service):
    """The time is that of the next scheduled run, a day ahead."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at + timedelta(days=1))


@fault("created-at-local-as-utc", breaks="T6.created_at.fresh")
class CreatedAtLocalAsUtc(Service):
    """Local time is marked as UTC."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at + timedelta(hours=2)) + "Z"


@fault("created-at-with-z", breaks="T6.created_at.form")
class CreatedAtWithZ(Service):
    """The time ends in Z."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at) + "Z"


@fault("created-at-in-seconds", breaks="T6.created_at.form")
class CreatedAtInSeconds(Service):
    """The time has no fraction of a second."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at)[:19]


@fault("created-at-in-milliseconds", breaks="T6.created_at.form")
class CreatedAtInMilliseconds(Service):
    """The time has three digits behind the second."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at)[:23]


@fault("created-at-with-a-space", breaks="T6.created_at.form")
class CreatedAtWithASpace(Service):
    """A space stands between date and time."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(checkpoint.created_at).replace("T", " ")


@fault("created-at-as-epoch-text", breaks="T6.created_at.form")
class CreatedAtAsEpochText(Service):
    """The time is a string of seconds."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return str(int(checkpoint.created_at.timestamp()))
