"""The worker: a process that does the jobs of the queue, and finds those that were lost.

Any number of them may run beside each other. A lost database is waited for.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status

from api.rehearsal import REAL, Clock
from api.services import auditing, delivering, expiring, locating, mailing, watching
from api.services.delivering import Post
from api.services.errors import NoCatalogueError, NoReleaseError
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings, MailSettings, WebhookSettings, WorkerSettings
from api.store import jobs
from api.store.engine import Engine, engine_at
from api.store.mails import SEND_MAIL
from api.store.webhooks import DELIVER
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.sending import Patience

logger = logging.getLogger(__name__)

REFRESH_S = 2.0  # how soon it works with a newly activated release
AGAIN_S = 1.0  # how long it waits before it asks a lost database again
_LOST = 1_000  # deliveries and mails enqueued again in one sweep
FINISH_S = 10.0  # how long what it is doing may take when it is told to stop


class Worker:
    """The tasks and what they need; nothing is opened before `run`."""

    def __init__(self, service_url: str, clock: Clock) -> None:
        self.service_url, self.clock = service_url, clock
        self.settings = WorkerSettings()
        self.post, self.mailbox = _post(WebhookSettings()), _mailbox(MailSettings())
        self.engine: Engine = engine_at(service_url)
        self.holder = ReferenceHolder(DataSettings())
        self.app = self._app()

    async def run(self, announce: Callable[[], None]) -> None:
        """Do jobs until SIGINT or SIGTERM; what is being done then is finished first."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        tasks = [asyncio.create_task(one) for one in (self._follow(), self._work(announce))]
        if self.clock.file:
            tasks.append(asyncio.create_task(self._rehearse()))
        try:
            await stopped.wait()
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.engine.dispose()

    async def _follow(self) -> None:
        """Keep the reference that of now, as the service does."""
        while True:
            try:
                if await self.holder.refresh(self.engine):
                    logger.warning("the worker goes on with %s", self.holder.said())
            except Exception:
                logger.warning("cannot follow the release and directory", exc_info=True)
            await asyncio.sleep(REFRESH_S)

    async def _work(self, announce: Callable[[], None]) -> None:
        """Work, and begin again when the queue cannot be reached."""
        await self._first_reference()
        announce()
        while True:
            try:
                async with self.app.open_async():
                    await self._jobs()
            except ConnectorException as error:
                logger.warning("the queue cannot be reached: %s", error.__cause__ or error)
            except Exception:
                logger.exception("the worker failed, and begins again")
            await asyncio.sleep(AGAIN_S)
            self.app = self._app()  # with a pool of its own: that of the last one is gone

    async def _rehearse(self) -> None:
        """Go by a clock that the queue does not know: what is due by it is looked for."""
        await self._first_reference()
        while True:
            try:
                await watching.look_at_due(self.turn())
            except Exception:
                logger.warning("the rehearsal's clock cannot be followed", exc_info=True)
            await asyncio.sleep(self.settings.worker_poll_s)

    async def _first_reference(self) -> None:
        """Wait until there is something to decide with: a release and a catalogue."""
        while True:
            with suppress(NoReleaseError, NoCatalogueError):
                self.turn()
                return
            await asyncio.sleep(AGAIN_S)

    async def _jobs(self) -> None:
        stalled_after_s = self.settings.worker_stalled_after_s
        await self.app.run_worker_async(
            queues=[jobs.QUEUE],
            concurrency=self.settings.worker_concurrency,
            fetch_job_polling_interval=self.settings.worker_poll_s,
            listen_notify=False,  # nobody notifies (migration 0007)
            # A failed one is in the log, and what it was to do is found by the sweep.
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            shutdown_graceful_timeout=FINISH_S,
            update_heartbeat_interval=stalled_after_s / 3,
            stalled_worker_timeout=stalled_after_s,
        )

    # --- the tasks ------------------------------------------------------------------------------

    def _app(self) -> App:
        app = App(connector=jobs.connector(self.service_url))
        app.task(name=jobs.LOOK, queue=jobs.QUEUE, pass_context=True)(self.look)
        app.task(name=DELIVER, queue=jobs.QUEUE)(self.deliver)
        app.task(name=SEND_MAIL, queue=jobs.QUEUE)(self.send_mail)
        for cron, task in (
            (self.settings.worker_sweep, self.sweep),
            (self.settings.worker_anchor, self.anchor),
            (self.settings.worker_mail, self.mail),
            (self.settings.worker_expiry, self.expiry),
        ):
            made = app.task(name=task.__name__, queue=jobs.QUEUE)(_at_any_tick(task))
            app.periodic(cron=cron)(made)
        return app

    def turn(self, now: datetime | None = None) -> Turn:
        """Return what the services need to act for the service itself."""
        return Turn(self.engine, self.holder.current, SYSTEM, now or self.clock.now())

    async def look(self, context: JobContext, case_id: str) -> None:
        """Tell every moment of a case that has come."""
        now, due_at = self.clock.now(), context.job.scheduled_at
        if due_at and self.clock == REAL:
            # By the database's clock its time has come, whatever this machine's says.
            now = max(now, due_at)
        await watching.look(self.turn(now), UUID(case_id))

    async def deliver(self, delivery: str) -> None:
        """Tell a webhook of an event."""
        # Others' clocks are real, whatever is rehearsed here.
        await delivering.deliver(self.engine, self.post, UUID(delivery), now=datetime.now(UTC))

    async def expiry(self) -> None:
        """Tell the parties of agreements that run out."""
        await expiring.warn(self.turn())

    async def mail(self) -> None:
        """Gather what people are told of into mails."""
        await mailing.gather(self.engine, self.mailbox, now=datetime.now(UTC))

    async def send_mail(self, mail: str) -> None:
        """Send one mail."""
        await mailing.send(self.engine, self.mailbox, UUID(mail), now=datetime.now(UTC))

    async def sweep(self) -> None:
        """Find what was lost: cases without a job, jobs without a worker; a calendar's news.

        And let go what is kept no longer: where people were.
        """
        await self._retry_stalled()
        await locating.forget(self.turn())
        # The queue goes by the database's clock, so that in a rehearsal all is found here.
        grace_s = self.settings.worker_stalled_after_s if self.clock == REAL else 0.0
        grace = timedelta(seconds=grace_s)
        if missed := await watching.sweep(self.turn(), grace=grace):
            logger.warning("looked at now, their moment was missed: cases: %s", missed)
        late = datetime.now(UTC) - timedelta(seconds=self.settings.worker_stalled_after_s)
        await delivering.sweep(self.engine, before=late, limit=_LOST)
        await mailing.sweep(self.engine, before=late, limit=_LOST)
        if moved := await watching.reclock(self.turn()):
            logger.warning("other deadlines by the calendar of now: cases: %s", moved)

    async def anchor(self) -> None:
        """Anchor the cases that changed. The log is a witness outside of the database."""
        for made in await auditing.anchor_changes(self.engine, now=self.clock.now()):
            logger.warning("anchor %s: %s cases, %s", made.seq, len(made.heads), made.hash.hex())

    async def _retry_stalled(self) -> None:
        """Give the jobs of workers that were killed to others."""
        manager = self.app.job_manager
        seconds = self.settings.worker_stalled_after_s
        await manager.prune_stalled_workers(seconds)
        for job in await manager.get_stalled_jobs(
            queue=jobs.QUEUE, seconds_since_heartbeat=seconds
        ):
            logger.warning("%s was left by its worker and is done again", job.call_string)
            await self._retried(job)

    async def _retried(self, job: Job) -> None:
        manager = self.app.job_manager
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another one for the same case waits already
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _at_any_tick(task: Callable[[], Awaitable[None]]) -> Callable[[int], Awaitable[None]]:
    """Return a task as the queue calls a periodic one: with the time at which it was due."""

    async def ticked(timestamp: int) -> None:
        del timestamp
        await task()

    return ticked


def _post(settings: WebhookSettings) -> Post:
    patience = Patience(
        settings.webhook_attempts, settings.webhook_first_wait_s, settings.webhook_wait_factor
    )
    return Post(patience, settings.webhook_timeout_s, settings.webhook_private)


def _mailbox(settings: MailSettings) -> mailing.Post:
    patience = Patience(
        settings.smtp_attempts, settings.smtp_first_wait_s, settings.smtp_wait_factor
    )
    return mailing.Post(settings, patience)


def work(service_url: str, clock: Clock, say: Callable[[str], None]) -> None:
    """Be a worker until a signal ends it."""
    worker = Worker(service_url, clock)
    asyncio.run(worker.run(lambda: say("worker: ready")))
