"""The instances worked by hand in the documentation are solved as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.assortment import worlds
from tools.assortment import explain_limits, solve
from tools.assortment.choice_spec import Spec
from tools.assortment.instance import read_instance

PAGE = (Path(__file__).parents[2] / "docs" / "assortment.md").read_text(encoding="utf-8")
INSTANCES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]


@pytest.mark.parametrize("data", INSTANCES, ids=lambda data: str(data["id"]))
def test_the_hand_checked_instances(data: dict[str, object]) -> None:
    problem = read_instance(data).problem
    expected = json.loads(json.dumps(data["expected"]))
    solved = solve(problem)
    assert solved.status == "optimal"
    assert solved.value == pytest.approx(expected["value"])
    assert worlds.best_value(problem) == pytest.approx(expected["value"])
    assert list(solved.items) == expected["items"]
    for cost in explain_limits(problem, solved):
        assert cost.value_without == pytest.approx(expected["value_without"][cost.name])


def test_there_are_two_instances_and_the_specifications_are_valid() -> None:
    assert len(INSTANCES) == 2
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert len(blocks) == 2
    for block in blocks:
        Spec.model_validate(yaml.safe_load(block))
