"""Whether a policy is in force, and whether it is the one in the file."""

from pathlib import Path

from slackdesk import bootstrap
from slackdesk.doctor.finding import Finding, ok, problem, warning
from slackdesk.errors import ConfigurationError
from slackdesk.i18n import later
from slackdesk.policy.difference import differences
from slackdesk.policy.file import PolicyFile
from slackdesk.policy.model import PolicyVersion
from slackdesk.policy.reading import PolicyError, read_policy

KEYS_SHOWN = 5


def examine_policy(path: Path, version: PolicyVersion | None) -> list[Finding]:
    """The file beside the version in force."""
    findings = [in_force(version)]
    if not path.exists():
        if version is not None:
            return [*findings, ok("policy.file", f"There is no file {path} here; what is in force stays so.")]
        return findings
    try:
        _, file = bootstrap.read_policy_file(path)
    except (PolicyError, ConfigurationError) as error:
        problems = error.problems if isinstance(error, PolicyError) else (error,)
        return [*findings, unusable(path, len(problems), str(problems[0]))]
    return findings if version is None else [*findings, difference(path, file, version)]


def written(version: PolicyVersion) -> PolicyFile | None:
    """The file as it was when it was applied; None for one that this version of slackdesk cannot read."""
    try:
        return read_policy(version.source)
    except PolicyError:
        return None


def in_force(version: PolicyVersion | None) -> Finding:
    """Whether the desk knows what to do."""
    if version is not None:
        when = f"{version.applied_at:%Y-%m-%d %H:%M} UTC"
        return ok("policy", f"Policy version {version.id} is in force, applied by {version.applied_by} at {when}.")
    return problem(
        "policy",
        later("No policy is in force: everybody reads that the helpdesk is not set up yet."),
        later("Write one (`slackdesk policy example`), then run `slackdesk policy apply`."),
        key="policy",
    )


def unusable(path: Path, number: int, first: str) -> Finding:
    """A file with which the desk would not start."""
    return problem(
        "policy.file",
        later("The policy file has mistakes ({number}), and the desk does not start with it: {first}"),
        later("Correct them until `slackdesk policy check` is content; what is in force stays so meanwhile."),
        key="SLACKDESK_POLICY",
        value=path,
        number=number,
        first=first,
    )


def difference(path: Path, file: PolicyFile, version: PolicyVersion) -> Finding:
    """Whether the file says what is in force."""
    keys = [one.key for one in differences(written(version), file, {})]
    if not keys:
        return ok("policy.file", f"The file {path} says what is in force.")
    more = [f"… (+{len(keys) - KEYS_SHOWN})"] if len(keys) > KEYS_SHOWN else []
    return warning(
        "policy.file",
        later("The policy file is not what is in force (version {version}); it differs in: {keys}."),
        later("See `slackdesk policy diff`, then run `slackdesk policy apply`, or put the former file back."),
        key="SLACKDESK_POLICY",
        value=path,
        version=version.id,
        keys=", ".join([*keys[:KEYS_SHOWN], *more]),
    )
