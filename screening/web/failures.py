"""Every failure becomes a page in Chinese that says what happened and how to go on."""

from __future__ import annotations

import logging

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.services import history
from screening.web import desk

log = logging.getLogger(__name__)

TITLES = {
    400: "请求无效",
    401: "尚未登录",
    403: "没有权限",
    404: "没有找到",
    405: "不能这样打开",
    409: "记录已被他人修改",
    413: "文件过大",
    422: "不能办理",
    429: "尝试次数过多",
    500: "系统出错",
}
WAYS_OUT = {
    400: "请返回上一页，刷新后重新提交。",
    401: "请先登录。",
    403: "您的角色不包含这项操作。如工作需要，请联系系统管理员调整角色；也可以返回工作台。",
    404: "地址可能有误，或者该记录不在您的管辖范围内。请从台账重新查找。",
    405: "这个地址只接受页面上的按钮提交。请从相应页面重新操作。",
    409: "请重新打开该记录，核对他人的修改后再提交。",
    413: "请拆分文件，或删去与台账无关的工作表和图片后重新上传。",
    422: "请按上述说明改正后重新提交。",
    429: "请稍后再试。",
    500: "错误已记入日志，未保存任何内容。请返回后重试；仍不能办理的，请把下方时间和地址告诉系统管理员。",
}


def page(status: int, message: str | None = None) -> ResponseReturnValue:
    """The failure page, or its JSON for an address that ends in .json."""
    title = TITLES.get(status, TITLES[400])
    if request.path.endswith(".json"):
        return jsonify(error=title, message=message or WAYS_OUT.get(status, "")), status
    shown = render_template(
        "failure.html", status=status, title=title, message=message, way_out=WAYS_OUT.get(status, WAYS_OUT[400])
    )
    return shown, status


def status_of(refusal: Refusal) -> int:
    """Which status a refusal of the services answers with."""
    match refusal:
        case NotFound():
            return 404
        case Forbidden():
            return 403
        case Conflict():
            return 409
        case _:
            return 422


def _noted(status: int, why: str) -> None:
    """Leaves an event of an attempt by somebody who is signed in; a missing id is noted like a foreign one.

    Noting only what exists would tell by the time it takes what exists. Where the trail cannot be written, the
    attempt stays refused and the log has it.
    """
    if g.get("person") is None or request.url_rule is None:
        return
    try:
        history.attempt_refused(
            desk.ledger(),
            by=desk.person(),
            method=request.method,
            address=request.path,
            status=status,
            why=why,
            sent_from=request.remote_addr or "",
            at=desk.now(),
        )
    except Exception:
        log.exception("not noted in the trail: %s %s", request.method, request.path)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    status = status_of(refusal)
    if status in {403, 404}:
        _noted(status, refusal.message)
    # Outside the scope and missing must look the same, to the byte.
    return page(status, None if status == 404 else refusal.message)


def _csrf(error: CSRFError) -> ResponseReturnValue:  # noqa: ARG001  # Flask calls it with the error
    _noted(400, "提交的表单没有本次登录的凭据，已拒绝。")
    return page(400, "本页已过期，或者不是从本系统提交的。未保存任何内容。")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    if status == 403:
        _noted(403, "角色不包含这项操作。")
    if status == 400 and error.description == "cross-site":
        _noted(400, "提交来自其他网站，已拒绝。")
        return page(400, "这次提交来自其他网站，已拒绝。")
    if status == 413:
        return page(413, "上传的文件超过系统允许的大小，未保存任何内容。")
    return page(status if status in TITLES else 400)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.error("unforeseen: %s %s", request.method, request.path, exc_info=error)
    g.pop("csrf_valid", None)
    return page(500)


def install(app: Flask) -> None:
    """Hangs the pages on the application."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)
