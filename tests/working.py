"""Working time for tests: the real calendar and the sample hours of the shipped policy."""

from datetime import time
from zoneinfo import ZoneInfo

from gridmap.dispatch.clock import WorkingHours, WorkingTime
from gridmap.workdays import Workdays

BEIJING = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(((time(9), time(12)), (time(13, 30), time(18))), BEIJING)
WORKING_TIME = WorkingTime(HOURS, Workdays())
