"""Forms of `created_at`: every way to write this moment that a reader can take for one."""
# ruff: noqa: D102

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, formatdate

from conformance.emulator.messages import Headers, Response
from conformance.emulator.raw import RawService
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


class Formatted(Service):
    """Writes moments in UTC with ``form``, in the language of strftime."""

    form = "%Y-%m-%dT%H:%M:%S.%f"

    def time_text(self, moment: datetime) -> str:
        return moment.astimezone(UTC).strftime(self.form)


@variant("time-z")
class TimeZ(Formatted):
    """created_at ends in Z."""

    form = "%Y-%m-%dT%H:%M:%S.%fZ"


@variant("time-short-offset")
class TimeShortOffset(Formatted):
    """created_at ends in +00."""

    form = "%Y-%m-%dT%H:%M:%S+00"


@variant("time-seconds")
class TimeSeconds(Formatted):
    """created_at has whole seconds."""

    form = "%Y-%m-%dT%H:%M:%S"


@variant("time-minutes")
class TimeMinutes(Formatted):
    """created_at has whole minutes."""

    form = "%Y-%m-%dT%H:%MZ"


@variant("time-nanoseconds")
class TimeNanoseconds(Formatted):
    """created_at has nine digits of a second."""

    form = "%Y-%m-%dT%H:%M:%S.%f123"


@variant("time-comma")
class TimeComma(Formatted):
    """created_at has a comma before the fraction (ISO 8601)."""

    form = "%Y-%m-%dT%H:%M:%S,%f"


@variant("time-lower-case")
class TimeLowerCase(Formatted):
    """created_at has t and z in lower case (RFC 3339)."""

    form = "%Y-%m-%dt%H:%M:%S.%fz"


@variant("time-space")
class TimeSpace(Formatted):
    """created_at has a space instead of T."""

    form = "%Y-%m-%d %H:%M:%S"


@variant("time-two-zones")
class TimeTwoZones(Formatted):
    """created_at ends in +0000 UTC."""

    form = "%Y-%m-%d %H:%M:%S.%f +0000 UTC"


@variant("time-slashes")
class TimeSlashes(Formatted):
    """created_at has slashes in the date."""

    form = "%Y/%m/%d %H:%M:%S"


@variant("time-basic")
class TimeBasic(Formatted):
    """created_at has the basic form of ISO 8601."""

    form = "%Y%m%dT%H%M%SZ"


@variant("time-digits")
class TimeDigits(Formatted):
    """created_at is fourteen digits, from the year to the second."""

    form = "%Y%m%d%H%M%S"


@variant("time-ordinal")
class TimeOrdinal(Formatted):
    """created_at has the day of the year (ISO 8601)."""

    form = "%Y-%jT%H:%M:%SZ"


@variant("time-week")
class TimeWeek(Formatted):
    """created_at has week and day of the week (ISO 8601)."""

    form = "%G-W%V-%uT%H:%M:%SZ"


@variant("time-ctime")
class TimeCtime(Formatted):
    """created_at has the form of C's asctime (RFC 9110)."""

    form = "%a %b %e %H:%M:%S %Y"


@variant("time-half-days")
class TimeHalfDays(Formatted):
    """created_at has the day in English and two halves, as a writer of JSON for Java has it."""

    form = "%b %d, %Y %I:%M:%S %p"


@variant("time-of-china")
class TimeOfChina(Service):
    """created_at has the form of Java's Date in China, whose zone is called CST."""

    def time_text(self, moment: datetime) -> str:
        return moment.astimezone(_CHINA).strftime("%a %b %d %H:%M:%S CST %Y")


@variant("time-browser")
class TimeBrowser(Formatted):
    """created_at has the form of JavaScript's Date: the offset behind the year, a zone's name."""

    form = "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"


@variant("time-rfc-9557")
class TimeRfc9557(Formatted):
    """created_at has the name of its zone in brackets behind the offset (RFC 9557)."""

    form = "%Y-%m-%dT%H:%M:%S.%fZ[Etc/UTC]"


@variant("time-rfc-850")
class TimeRfc850(Formatted):
    """created_at has the oldest form of HTTP (RFC 9110)."""

    form = "%A, %d-%b-%y %H:%M:%S GMT"


@variant("time-rfc-1123")
class TimeRfc1123(Service):
    """created_at has the form of HTTP (RFC 9110)."""

    def time_text(self, moment: datetime) -> str:
        return format_datetime(moment.astimezone(UTC), usegmt=True)


@variant("time-rfc-5322")
class TimeRfc5322(Service):
    """created_at has the form of mail, with the offset of Nepal."""

    def time_text(self, moment: datetime) -> str:
        return format_datetime(moment.astimezone(_NEPAL))


@variant("time-milliseconds")
class TimeMilliseconds(Service):
    """created_at has three digits of a second."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment)[:-3]


@variant("time-local-offset")
class TimeLocalOffset(Service):
    """created_at is local time in Nepal, and says so: +05:45."""

    def time_text(self, moment: datetime) -> str:
        return moment.astimezone(_NEPAL).isoformat()


@variant("time-local")
class TimeLocal(Service):
    """created_at is local time in Nepal, and does not say so."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment + timedelta(hours=5, minutes=45))


@variant("time-local-west")
class TimeLocalWest(Service):
    """created_at is local time twelve hours after UTC, four minutes slow, and does not say so."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment - timedelta(hours=12, minutes=4))


@variant("time-epoch")
class TimeEpoch(Service):
    """created_at is a string of seconds since 1970."""

    def time_text(self, moment: datetime) -> str:
        return str(int(moment.timestamp()))


@variant("time-epoch-milliseconds")
class TimeEpochMilliseconds(Service):
    """created_at is a string of milliseconds since 1970."""

    def time_text(self, moment: datetime) -> str:
        return str(int(moment.timestamp() * 1000))


@variant("time-fast")
class TimeFast(TimeZ):
    """The clock is four minutes fast."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment + timedelta(minutes=4))


@variant("time-slow")
class TimeSlow(TimeZ):
    """The clock is four minutes slow."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment - timedelta(minutes=4))


class Skewed(RawService, TimeZ):
    """A machine whose clock is wrong by ``skew``, in created_at and in Date."""

    skew = timedelta()

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment + self.skew)

    def all_headers(self, response: Response) -> Headers:
        date = formatdate((self.clock() + self.skew).timestamp(), usegmt=True)
        return (("Date", date), *super().all_headers(response)[1:])


@variant("time-skewed-hours")
class SkewedByHours(Skewed):
    """The clock is six hours slow; Date agrees with created_at."""

    skew = timedelta(hours=-6)


@variant("time-skewed-years")
class SkewedByYears(Skewed):
    """The clock is years fast; Date agrees with created_at."""

    skew = timedelta(days=3000)


_NEPAL = timezone(timedelta(hours=5, minutes=45))
_CHINA = timezone(timedelta(hours=8))
