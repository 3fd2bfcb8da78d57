"""Faults in the body of the response as a whole (Table 5)."""
# ruff: noqa: D102

import json
from dataclasses import replace

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint, Headers, Response
from conformance.emulator.service import Service


class AnswersOtherwise(Service):
    """Writes the bytes of a response to an execution in a way of its own."""

    def rewritten(self, body: bytes) -> bytes:
        """Return the bytes that are sent for those of the reference."""
        return body

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        return replace(response, body=self.rewritten(response.body))


class LabelsOtherwise(Service):
    """Sends a response to an execution with other headers."""

    def labels(self) -> Headers:
        """Return the headers of a response to an execution."""
        return ()

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        return replace(super().render_execution(checkpoint), headers=self.labels())


@fault("answer-as-text", breaks="T5.body.media-type")
class AnswerAsText(LabelsOtherwise):
    """The response says that it is plain text, the default of the framework."""

    def labels(self) -> Headers:
        return (("Content-Type", "text/plain; charset=utf-8"),)


@fault("answer-as-html", breaks="T5.body.media-type")
class AnswerAsHtml(LabelsOtherwise):
    """The response says that it is HTML."""

    def labels(self) -> Headers:
        return (("Content-Type", "text/html"),)


@fault("answer-as-bytes", breaks="T5.body.media-type")
class AnswerAsBytes(LabelsOtherwise):
    """The response says that it is a stream of bytes."""

    def labels(self) -> Headers:
        return (("Content-Type", "application/octet-stream"),)


@fault("answer-without-media-type", breaks="T5.body.media-type")
class AnswerWithoutMediaType(LabelsOtherwise):
    """The response does not say what it is."""


@fault("answer-as-javascript", breaks="T5.body.media-type")
class AnswerAsJavascript(LabelsOtherwise):
    """The response says that it is a script, as in the days before JSON had a media type."""

    def labels(self) -> Headers:
        return (("Content-Type", "text/javascript"),)


@fault("trailing-bytes", breaks="T5.body.json")
class TrailingBytes(AnswersOtherwise):
    """Bytes of a buffer follow the JSON text."""

    def rewritten(self, body: bytes) -> bytes:
        return body + b"\0\0\0\0"


@fault("answer-twice", breaks="T5.body.json")
class AnswerTwice(AnswersOtherwise):
    """The response is written twice, by the handler and by a filter behind it."""

    def rewritten(self, body: bytes) -> bytes:
        return body + body


@fault("answer-cut-short", breaks="T5.body.json")
class AnswerCutShort(AnswersOtherwise):
    """The length is counted in characters, so that names beyond ASCII cut the body short."""

    def rewritten(self, body: bytes) -> bytes:
        return body[: len(body.decode())]


@fault("answer-in-latin-1", breaks="T5.body.json")
class AnswerInLatin1(AnswersOtherwise):
    """The response is in Latin-1, which shows with a name beyond ASCII."""

    def rewritten(self, body: bytes) -> bytes:
        return body.decode().encode("latin-1", "replace")


@fault("answer-in-utf-16", breaks="T5.body.json")
class AnswerInUtf16(AnswersOtherwise):
    """The response is in UTF-16."""

    def rewritten(self, body: bytes) -> bytes:
        return body.decode().encode("utf-16")


@fault("answer-in-single-quotes", breaks="T5.body.json")
class AnswerInSingleQuotes(AnswersOtherwise):
    """The response is what the language prints for the object, not JSON."""

    def rewritten(self, body: bytes) -> bytes:
        return str(json.loads(body)).encode()


@fault("answer-with-a-prefix", breaks="T5.body.json")
class AnswerWithAPrefix(AnswersOtherwise):
    """A prefix against script inclusion precedes the JSON text."""

    def rewritten(self, body: bytes) -> bytes:
        return b")]}',\n" + body


@fault("answer-with-a-comma-too-many", breaks="T5.body.json")
class AnswerWithACommaTooMany(AnswersOtherwise):
    """A template writes a comma behind the last field."""

    def rewritten(self, body: bytes) -> bytes:
        return body[:-1] + b",}"


@fault("quotes-unescaped", breaks="T5.body.json")
class QuotesUnescaped(AnswersOtherwise):
    """The response is a template; quotes in ``extra_info`` are not escaped, as on the page."""

    def rewritten(self, body: bytes) -> bytes:
        return body.replace(b'\\"', b'"')


@fault("answer-is-a-page", breaks="T5.body.json")
class AnswerIsAPage(AnswersOtherwise):
    """A proxy answers with an HTML page and status 200."""

    def rewritten(self, body: bytes) -> bytes:
        return b"<html><body><h1>It works!</h1></body></html>"


@fault("answer-is-empty", breaks="T5.body.json")
class AnswerIsEmpty(AnswersOtherwise):
    """The response has no body."""

    def rewritten(self, body: bytes) -> bytes:
        return b""


@fault("answer-has-nan", breaks="T5.body.json")
class AnswerHasNan(AnswersOtherwise):
    """A progress that is not known yet is written as NaN, which is not JSON."""

    def rewritten(self, body: bytes) -> bytes:
        return body[:-2] + b', "progress": NaN}}'


@fault("tabs-unescaped", breaks="T5.body.json")
class TabsUnescaped(AnswersOtherwise):
    """A control character stands in a string as it is."""

    def rewritten(self, body: bytes) -> bytes:
        return body.replace(b'"status": "', b'"note": "a\tb", "status": "')


@fault("byte-order-mark", breaks="T5.body.byte-order-mark")
class ByteOrderMark(AnswersOtherwise):
    """The response begins with a byte order mark."""

    def rewritten(self, body: bytes) -> bytes:
        return b"\xef\xbb\xbf" + body


@fault("status-twice", breaks="T5.body.repeated-name")
class StatusTwice(AnswersOtherwise):
    """The field ``status`` is written twice into one object."""

    def rewritten(self, body: bytes) -> bytes:
        return body.replace(b'{"status"', b'{"status": "error", "status"')


class WrapsOtherwise(Service):
    """Wraps the checkpoint in another body."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        """Return what is sent for ``body``, which holds ``checkpoint``."""
        return body

    def render(self, status: int, value: object, headers: Headers = ()) -> Response:
        if isinstance(value, dict) and "checkpoint" in value:
            value = self.wrapped(value, value["checkpoint"])
        return super().render(status, value, headers)


@fault("answer-in-a-list", breaks="T5.body.type")
class AnswerInAList(WrapsOtherwise):
    """The response is a list of one."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return [body]


@fault("answer-encoded-twice", breaks="T5.body.type")
class AnswerEncodedTwice(WrapsOtherwise):
    """The response is JSON within a JSON string."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return json.dumps(body)


@fault("answer-is-null", breaks="T5.body.type")
class AnswerIsNull(WrapsOtherwise):
    """The response is null."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return None


@fault("answer-is-true", breaks="T5.body.type")
class AnswerIsTrue(WrapsOtherwise):
    """The response is true: it worked."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return True


@fault("answer-unwrapped", breaks="T5.checkpoint.present")
class AnswerUnwrapped(WrapsOtherwise):
    """The outer ``checkpoint`` is left out."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return checkpoint


@fault("answer-in-plural", breaks="T5.checkpoint.present")
class AnswerInPlural(WrapsOtherwise):
    """The response has a list ``checkpoints``, like the one that lists them."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"checkpoints": [checkpoint]}


@fault("answer-under-its-type", breaks="T5.checkpoint.present")
class AnswerUnderItsType(WrapsOtherwise):
    """The field is called after its type, ``checkpoint_resp``."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"checkpoint_resp": checkpoint}


@fault("answer-is-an-empty-object", breaks="T5.checkpoint.present")
class AnswerIsAnEmptyObject(WrapsOtherwise):
    """The response is an empty object."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {}


@fault("error-with-200", breaks="T5.checkpoint.present")
class ErrorWith200(WrapsOtherwise):
    """The execution fails, and the error comes with status 200."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"error_code": "CSBS.9999", "error_msg": "failed"}


@fault("checkpoint-is-a-list", breaks="T5.checkpoint.type")
class CheckpointIsAList(WrapsOtherwise):
    """``checkpoint`` is a list of one."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"checkpoint": [checkpoint]}


@fault("checkpoint-is-a-string", breaks="T5.checkpoint.type")
class CheckpointIsAString(WrapsOtherwise):
    """``checkpoint`` is a string that holds JSON."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"checkpoint": json.dumps(checkpoint)}


@fault("checkpoint-is-null", breaks="T5.checkpoint.type")
class CheckpointIsNull(WrapsOtherwise):
    """``checkpoint`` is null until the backup has begun."""

    def wrapped(self, body: object, checkpoint: object) -> object:
        return {"checkpoint": None}
