"""The seven steps of a case (朝阳 七步工作法)."""

from enum import StrEnum


class Step(StrEnum):
    """Where a case stands; it is in one of them at every instant."""

    SOURCE = "source"  # 哨源形成
    ANALYSIS = "analysis"  # 街乡分析研判
    WHISTLE = "whistle"  # 街乡吹哨
    PLATFORM = "platform"  # 平台受理(联审、立项、派发)
    REPORTING_IN = "reporting_in"  # 部门报到
    EVALUATION = "evaluation"  # 评价监督
    FEEDBACK = "feedback"  # 结果反馈
