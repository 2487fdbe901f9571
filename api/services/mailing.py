"""Mails: to who has an address, about what they are told of; sent at least once, then given up.

A mail leaves the house unencrypted: it names the case and says what kind of thing happened, of a
confidential case only that there is news.
"""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID, uuid4

from anyio import to_thread

from api.settings import MailSettings
from api.store import jobs, mails
from api.store.engine import Connection, Engine, transaction
from api.store.mails import SEND_MAIL, Line, Mail, Unmailed
from gridmap.dispatch.actor import SYSTEM, Actor
from gridmap.dispatch.event import EventKind
from gridmap.dispatch.sending import Patience, SendingState

_BATCH = 1_000
_ERROR_LENGTH = 300

WORDS: Mapping[EventKind, str] = {
    EventKind.REPORTED: "新案件",
    EventKind.JOINED: "又有人上报",
    EventKind.WHISTLE_BLOWN: "吹哨",
    EventKind.DISPATCHED: "平台派发",
    EventKind.SENT_BACK: "平台退回",
    EventKind.SUMMONED: "请你单位报到",
    EventKind.STOOD_DOWN: "无需报到",
    EventKind.RESPONDED: "已响应",
    EventKind.ARRIVED: "已到场",
    EventKind.WRONG_PLACE: "到场位置不符",
    EventKind.UNPROVEN: "到场未能核实",
    EventKind.COUNTERSIGNED: "到场已签认",
    EventKind.RELEASED: "可以撤离",
    EventKind.LEFT: "已撤离",
    EventKind.FINISHED: "已办结",
    EventKind.EVALUATED: "已评价",
    EventKind.ESCALATED: "时限提醒",
    EventKind.EXPLAINED: "已作说明",
    EventKind.EXEMPTED: "已免责",
    EventKind.OBJECTED: "派单异议",
    EventKind.ANSWERED: "异议答复",
    EventKind.OBJECTION_WITHDRAWN: "异议撤回",
    EventKind.SETTLED: "协商一致",
    EventKind.REFERRED_UP: "提请上级指定",
    EventKind.RULED: "已指定管辖",
    EventKind.HOLD_ASKED: "申请暂缓",
    EventKind.HOLD_REFUSED: "不同意暂缓",
    EventKind.HELD: "同意暂缓",
    EventKind.REVIEW_DUE: "暂缓到期复查",
    EventKind.RESUMED: "恢复办理",
    EventKind.RECLOCKED: "时限重算",
    EventKind.TRANSFERRED: "移送",
    EventKind.TRANSFER_RECEIVED: "移送已接收",
    EventKind.TRANSFER_ENDED: "移送已办结",
    EventKind.CLOSED: "结案",
    EventKind.REOPENED: "重新办理",
    EventKind.MERGED: "并案",
    EventKind.TOOK_OVER: "并入案件",
}


@dataclass(frozen=True)
class Post:
    """By which server, and how often."""

    settings: MailSettings
    patience: Patience


async def gather(engine: Engine, post: Post, *, now: datetime) -> int:
    """Make a mail for everybody with an address about what is new to them; returns how many.

    Without a mail server nobody is sent any, now or later.
    """
    made = 0
    while True:
        async with transaction(engine, SYSTEM) as connection:
            new = await mails.unmailed(connection, limit=_BATCH)
            if new and post.settings.smtp_host:
                made += await _mails(connection, new, now)
            if new:
                await mails.mark(connection, [one.id for one in new])
        if len(new) < _BATCH:
            return made


async def _mails(connection: Connection, new: list[Unmailed], now: datetime) -> int:
    made = 0
    for actor in await mails.addressees(connection):
        if mine := _of(actor, new):
            mail = uuid4()
            await mails.add(connection, mail, UUID(actor.account), mine, now)
            await jobs.enqueue(connection, SEND_MAIL, {"mail": str(mail)})
            made += 1
    return made


def _of(actor: Actor, new: list[Unmailed]) -> list[int]:
    """What somebody is told of and sees."""
    keys = actor.keys
    return [
        one.id for one in new if one.key in keys and (one.audience is None or one.audience & keys)
    ]


async def send(engine: Engine, post: Post, mail_id: UUID, *, now: datetime) -> None:
    """Send a mail that waits, and keep how it went; the row is locked meanwhile."""
    async with transaction(engine, SYSTEM) as connection:
        one = await mails.taken(connection, mail_id)
        if one is None:
            return
        if one.to is None:
            state = SendingState.WITHHELD.value
            await mails.change(connection, one.id, state=state, next_at=None)
            return
        error = await to_thread.run_sync(_sent, message(one, post.settings.smtp_sender), post)
        await _keep(connection, one, post, error, now=now)


async def _keep(
    connection: Connection, one: Mail, post: Post, error: str | None, *, now: datetime
) -> None:
    attempts = one.attempts + 1
    if error is None:
        state = SendingState.SENT.value
        await mails.change(
            connection,
            one.id,
            state=state,
            attempts=attempts,
            sent_at=now,
            next_at=None,
            error=None,
        )
        return
    again = post.patience.next_at(attempts, now)
    state = (SendingState.WAITING if again else SendingState.DEAD).value
    await mails.change(
        connection,
        one.id,
        state=state,
        attempts=attempts,
        next_at=again,
        error=error[:_ERROR_LENGTH],
    )
    if again:
        await jobs.enqueue(connection, SEND_MAIL, {"mail": str(one.id)}, at=again)


def message(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail as it is sent; its id is the same however often it is."""
    made = EmailMessage()
    made["From"], made["To"] = sender, mail.to
    made["Subject"] = f"网格指挥：{len(mail.lines)} 条通知"
    made["Message-ID"] = f"<{mail.id}@gridmap>"
    made.set_content("\n".join([*map(_line, mail.lines), "", "请登录平台查看。"]))
    return made


def _line(line: Line) -> str:
    if line.confidential:
        return "保密案件有新情况"
    if line.days is not None:
        return f"边界协议《{line.about}》{f'{line.days} 天内' if line.days else '今天'}到期"
    return f"案件 {line.about}：{WORDS.get(EventKind(line.kind), line.kind)}"


def _sent(made: EmailMessage, post: Post) -> str | None:
    """Hand a mail to the server; returns why it did not take it."""
    given = post.settings
    try:
        with _server(given) as server:
            if given.smtp_user and given.smtp_password:
                server.login(given.smtp_user, given.smtp_password.get_secret_value())
            server.send_message(made)
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _server(given: MailSettings) -> smtplib.SMTP:
    where = (given.smtp_host or "", given.smtp_port)
    if given.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(*where, timeout=given.smtp_timeout_s, context=context)
    server = smtplib.SMTP(*where, timeout=given.smtp_timeout_s)
    if given.smtp_security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


async def sweep(engine: Engine, *, before: datetime, limit: int) -> int:
    """Enqueue mails whose job was lost; one too many does no harm."""
    async with transaction(engine, SYSTEM) as connection:
        late = await mails.overdue(connection, before=before, limit=limit)
        for one in late:
            await jobs.enqueue(connection, SEND_MAIL, {"mail": str(one)})
    return len(late)
