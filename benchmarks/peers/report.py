"""The figures of a run as Markdown."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.peers.target import FAULT, REFERENCE, VARIANT
from benchmarks.peers.tools import NODE, SCRIPTS, SUITE, Tool, release
from benchmarks.peers.trial import TIMEOUT, Trial
from conformance.emulator.faults import CATALOGUE

Results = Mapping[str, Sequence[Trial]]


def report(
    tools: Sequence[Tool], missing: Mapping[str, str], results: Results, call: str, drawn: str
) -> str:
    """The whole file: the table, what the tools disagree about, how it was measured."""
    parts = [
        "# The suite beside its peers",
        "",
        f"Made by `{call}`: every tool on the same implementations, each in a fresh process on "
        "loopback that counts the requests it gets. All figures are of this run, on Python "
        f"{platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores shared with "
        "other work, so wall times are rough.",
        "",
        f"The sample: {drawn}.",
        "",
        *_table(tools, missing, results),
        "",
        "* caught: the tool rejects a faulty implementation, and not the reference. Where it "
        "rejects the reference too, only what it says of the fault and not of the reference counts."
        " Exit code 3 of this suite (inconclusive) is no catch.",
        "* accused: the tool rejects an implementation that conforms.",
        f"* stopped after {TIMEOUT:.0f} s: neither.",
        "* A tool is judged by the whole page here, more than most claim to test: the catalogue of "
        "faults is this project's own, and this suite was made to catch all of it. What the table "
        "shows is what the peers see of it, not how the suite fares on faults nobody thought of.",
        "* An accusation follows the contract to the letter where the page leaves a point open; "
        "whoever reads the page more strictly may call some of them right.",
        "",
        *_missed(results),
        *_own(results),
        *_accused(results),
        *_commands(tools),
    ]
    return "\n".join(parts) + "\n"


def _of(trials: Sequence[Trial], kind: str) -> list[Trial]:
    return [trial for trial in trials if trial.subject.kind == kind]


def _caught(trials: Sequence[Trial]) -> dict[str, Trial]:
    reference = _of(trials, REFERENCE)[0]
    return {trial.subject.name: trial for trial in _of(trials, FAULT) if trial.catches(reference)}


def _table(tools: Sequence[Tool], missing: Mapping[str, str], results: Results) -> list[str]:
    rows = [
        "| tool | caught | accused | requests a target (median) | wall s (median) | peak MB "
        "| notes |",
        "|---|---|---|---|---|---|---|",
    ]
    for tool in tools:
        if tool.name in missing:
            rows.append(f"| {tool.name} | | | | | | not installed: {missing[tool.name]} |")
            continue
        trials = results[tool.name]
        accused = [trial for trial in _of(trials, VARIANT) if trial.complains]
        rows.append(
            f"| {tool.name} | {len(_caught(trials))} of {len(_of(trials, FAULT))} "
            f"| {len(accused)} of {len(_of(trials, VARIANT))} "
            f"| {median(trial.requests for trial in trials):.0f} "
            f"| {median(trial.wall for trial in trials):.1f} "
            f"| {max(trial.memory for trial in trials):.0f} | {_notes(tool, trials)} |"
        )
    return rows


def _notes(tool: Tool, trials: Sequence[Trial]) -> str:
    reference = _of(trials, REFERENCE)[0]
    stopped = sum(trial.exit_code is None for trial in trials)
    said = [tool.notes] if tool.notes else []
    if reference.complains:
        said.append(f"Rejects the reference: {'; '.join(sorted(reference.failures))[:200]}")
    if stopped:
        said.append(f"Stopped on {stopped} targets.")
    return " ".join(said)


def _missed(results: Results) -> list[str]:
    mine = _caught(results[SUITE])
    lines = ["## Caught by a peer, missed by this suite", ""]
    for name, trials in results.items():
        lines += [
            f"* {_fault(trial)}: {name} says {_first(trial)}"
            for fault, trial in _caught(trials).items()
            if fault not in mine
        ]
    return [*(lines if len(lines) > 2 else [*lines, "None in this sample."]), ""]


def _own(results: Results) -> list[str]:
    theirs = {fault for name in results if name != SUITE for fault in _caught(results[name])}
    trials = _of(results[SUITE], FAULT)
    mine = _caught(results[SUITE])
    only = [trial for fault, trial in mine.items() if fault not in theirs]
    nobody = [t for t in trials if t.subject.name not in theirs | set(mine)]
    return [
        "## Caught by this suite alone",
        "",
        *([f"* {_fault(trial)}" for trial in only] or ["None in this sample."]),
        "",
        "## Caught by nobody",
        "",
        *([f"* {_fault(trial)}" for trial in nobody] or ["None in this sample."]),
        "",
    ]


def _fault(trial: Trial) -> str:
    fault = CATALOGUE[trial.subject.name]
    return f"`{fault.name}` ({fault.breaks}: {fault.summary.rstrip('.')})"


def _first(trial: Trial) -> str:
    lines = sorted(trial.failures)
    return f"`{lines[0][:160].replace('`', '')}`" if lines else f"exit code {trial.exit_code}"


def _accused(results: Results) -> list[str]:
    lines = ["## Accusations", ""]
    for name, trials in results.items():
        lines += [
            f"* {name}: `{trial.subject.name}`, {_first(trial)}"
            for trial in _of(trials, VARIANT)
            if trial.complains
        ]
    return [*(lines if len(lines) > 2 else [*lines, "None in this sample."]), ""]


def _commands(tools: Sequence[Tool]) -> list[str]:
    lines = [
        "## Commands",
        "",
        "Each runs in a directory with the files that `benchmarks/peers/inputs.py` writes, with "
        "the environment of `benchmarks/peers/tools.py`. The npm packages are in "
        "`$XDG_CACHE_HOME/csbs-conformance-peers`, written `$PEERS` here.",
        "",
    ]
    for tool in tools:
        lines += [f"{tool.name} ({release(tool)}):", "", "```sh"]
        lines += [
            shlex.join(command).replace(str(NODE), "$PEERS").replace(f"{SCRIPTS}/", "")
            for command in tool.commands
        ]
        lines += ["```", ""]
    return lines[:-1]
