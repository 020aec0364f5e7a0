"""The GitHub workflows: pinned, with least permissions, bounded in time."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return request.param.read_text(encoding="utf-8")


def jobs(workflow):
    return yaml.safe_load(workflow)["jobs"].values()


def test_actions_are_pinned_by_commit_with_the_version_beside(workflow):
    uses = re.findall(r"uses: (.*)", workflow)
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [use for use in uses if not pinned.fullmatch(use)] == []


def test_permissions_are_granted_job_by_job(workflow):
    assert yaml.safe_load(workflow)["permissions"] == {}
    assert all("permissions" in job for job in jobs(workflow))


def test_jobs_end_and_do_not_pile_up(workflow):
    assert "concurrency" in yaml.safe_load(workflow)
    assert all(job["timeout-minutes"] <= 60 for job in jobs(workflow))


def test_commands_of_the_readme_are_there(workflow):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^<!-- command: (\w+) -->\n```sh\n.+\n```$", readme, re.MULTILINE)
    assert set(re.findall(r"\.ci/readme (\w+)", workflow)) <= set(named)


def test_checkout_leaves_no_credentials_behind(workflow):
    steps = [step for job in jobs(workflow) for step in job["steps"]]
    checkouts = [step for step in steps if "checkout" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
