"""Why personal data are erased: a ground of the law, never a sentence that names somebody again.

References
----------
.. [1] 个人信息保护法, article 47.
"""

from enum import StrEnum


class Ground(StrEnum):
    """A ground on which what somebody wrote, or who called, is erased."""

    PURPOSE_ACHIEVED = "purpose_achieved"  # 处理目的已实现
    RETENTION_EXPIRED = "retention_expired"  # 保存期限已届满
    CONSENT_WITHDRAWN = "consent_withdrawn"  # 个人撤回同意
    UNLAWFUL = "unlawful"  # 违法或违约处理, what should not have been written at all
