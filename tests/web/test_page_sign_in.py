"""Signing in on the page: with a password, as somebody of the demonstration, and back again."""

import pytest
from playwright.sync_api import expect

from gridmap.dispatch.actor import Grant, Role
from tests.people import PASSWORD, person
from tests.web.conftest import SCREENS

pytestmark = [pytest.mark.store, pytest.mark.browser]

PLACE = "#/at/116.3176,39.885"
CONVENER = "王建军"


@pytest.fixture(scope="module")
def convener(pages):
    return person(
        pages.urls().service,
        Grant(Role.CONVENER, "110102020", "government-110102020"),
        name="广外 测试员",
    )


def enter(desk, somebody, password=PASSWORD):
    desk.at("login").fill(somebody.login)
    desk.at("password").fill(password)
    desk.at("password").press("Enter")


def as_demonstration(desk, name):
    desk.page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("screen", SCREENS)
def test_who_signs_in_sees_their_name_and_duties_and_can_sign_out(open_desk, convener, screen):
    desk = open_desk(screen=screen, signed_in=False)
    desk.at("me").click()
    enter(desk, convener)
    desk.sees("me", "广外 测试员")
    expect(desk.at("open-cases")).to_be_visible()
    desk.at("me").click()
    desk.sees("who", "街乡召集人")
    desk.sees("who", "西城区广安门外街道办事处")
    desk.at("sign-out").click()
    desk.sees("me", "登录")
    expect(desk.at("sign-in-first")).to_be_visible()
    desk.reload()
    desk.sees("me", "登录")


def test_a_wrong_password_says_so_and_lets_one_try_again(open_desk, convener):
    desk = open_desk("#/sign-in", signed_in=False)
    enter(desk, convener, "not the sentence")
    desk.sees("problem", "账户和密码不符")
    expect(desk.at("password")).to_be_focused()
    expect(desk.at("password")).to_have_value("")
    enter(desk, convener)
    desk.sees("me", "广外 测试员")


def test_one_click_makes_one_somebody_of_the_demonstration(open_desk):
    desk = open_desk("#/sign-in", signed_in=False)
    expect(desk.at("demonstration")).to_have_count(20)
    as_demonstration(desk, CONVENER)
    desk.sees("me", CONVENER)


def test_in_english_the_duties_are_english(open_desk):
    desk = open_desk("#/sign-in", lang="en", signed_in=False)
    expect(desk.page.get_by_role("button", name=CONVENER)).to_contain_text("Street's convener")


def test_by_keyboard_alone_one_comes_in(open_desk, convener):
    desk = open_desk("#/sign-in", signed_in=False)
    expect(desk.at("login")).to_be_focused()
    keyboard = desk.page.keyboard
    keyboard.type(convener.login)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    desk.sees("me", "广外 测试员")


@pytest.mark.parametrize("address", ["#/cases", "#/cases/closed"])
def test_who_is_nobody_is_led_to_the_door_and_back_to_where_they_were(open_desk, address):
    desk = open_desk(address, signed_in=False)
    as_demonstration(desk, CONVENER)
    expect(desk.at("cases-open")).to_be_visible()
    assert desk.page.evaluate("() => location.hash") == address


def test_a_report_that_needs_signing_in_keeps_its_draft(open_desk):
    desk = open_desk(PLACE, signed_in=False)
    desk.choose("违法建设")
    desk.at("text").fill("二层彩钢房")
    desk.at("send").click()
    expect(desk.at("login")).to_be_visible()
    as_demonstration(desk, CONVENER)
    expect(desk.at("text")).to_have_value("二层彩钢房")
    desk.at("send").click()
    expect(desk.at("blow")).to_be_visible()
    desk.sees("timeline", CONVENER)


def test_a_session_that_ends_in_the_middle_of_a_case_keeps_what_was_written(open_desk):
    desk = open_desk(PLACE, signed_in=False)
    desk.at("me").click()
    as_demonstration(desk, CONVENER)
    desk.choose("无照经营")
    desk.at("send").click()
    desk.at("close").click()
    desk.at("result").fill("已劝离")
    desk.page.context.clear_cookies()
    desk.at("confirm-close").click()
    expect(desk.at("login")).to_be_visible()
    as_demonstration(desk, CONVENER)
    desk.at("close").click()
    expect(desk.at("result")).to_have_value("已劝离")
    desk.at("confirm-close").click()
    desk.sees("closed", "已劝离")


@pytest.mark.parametrize(
    "to", ["https%3A%2F%2Felsewhere.example", "javascript%3Aalert(1)", "%2F%2Felsewhere", "%"]
)
def test_the_way_back_leads_nowhere_else(open_desk, to):
    desk = open_desk(f"#/sign-in/{to}", signed_in=False)
    as_demonstration(desk, CONVENER)
    expect(desk.at("open-cases")).to_be_visible()
    assert desk.page.evaluate("() => location.hash") == "#/"
