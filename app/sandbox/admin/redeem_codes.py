"""What the Admin API answers about the codes that share a discount."""

from __future__ import annotations

from app.sandbox import code_jobs, codes
from app.sandbox.admin.discounts import node, redeem_code
from app.sandbox.admin.words import Answer, Call, error, number_of
from app.sandbox.code_jobs import CodeJob
from app.sandbox.line_bodies import gid

_MOST = 250


def add(call: Call, codes: list[Answer], discountId: str) -> Answer:  # noqa: N803
    """Take codes on that are to share a discount; they are added later."""
    mistakes = _mistakes(call, discountId)
    if len(codes) > _MOST:
        words = f"The number of codes exceeds the maximum of {_MOST}"
        mistakes.append(error("TOO_MANY_ARGUMENTS", words, "codes"))
    if mistakes:
        return {"bulkCreation": None, "userErrors": mistakes}
    wanted = tuple(each["code"] for each in codes)
    job = _begin(call, code_jobs.ADD, discountId, wanted)
    return {"bulkCreation": _creation(call, job), "userErrors": []}


def find_creation(call: Call, id: str) -> Answer | None:
    """Show how far the store is with adding codes."""
    number = number_of("DiscountRedeemCodeBulkCreation", id)
    job = code_jobs.find(call.rows, number) if number else None
    return _creation(call, job) if job else None


def delete(call: Call, discountId: str, ids: list[str]) -> Answer:  # noqa: N803
    """Take codes on that are to be deleted; they go later."""
    mistakes = _mistakes(call, discountId)
    if mistakes:
        return {"job": None, "userErrors": mistakes}
    numbers = [number_of("DiscountRedeemCode", each) for each in ids]
    wanted = tuple(str(each) for each in numbers if each)
    job = _begin(call, code_jobs.DELETE, discountId, wanted)
    return {"job": {"id": gid("Job", job.id), "done": False}, "userErrors": []}


def _begin(call: Call, kind: str, discount: str, wanted: tuple[str, ...]) -> CodeJob:
    number = number_of("DiscountCodeNode", discount)
    assert number
    return code_jobs.begin(call.rows, kind, number, wanted, call.at)


def _mistakes(call: Call, discount: str) -> list[Answer]:
    number = number_of("DiscountCodeNode", discount)
    if number and codes.find_by_id(call.rows, number):
        return []
    return [error("INVALID", "Code discount does not exist.", "discountId")]


def _creation(call: Call, job: CodeJob) -> Answer:
    discount = codes.find_by_id(call.rows, job.discount_id)
    return {
        "id": gid("DiscountRedeemCodeBulkCreation", job.id),
        "createdAt": job.at,
        "done": job.is_done,
        "codesCount": len(job.wanted),
        "importedCount": len(job.made),
        "failedCount": len(job.mistakes),
        "discountCode": node(call, discount) if discount else None,
        "codes": {"nodes": [_result(call, job, code) for code in job.wanted]},
    }


def _result(call: Call, job: CodeJob, code: str) -> Answer:
    words = job.mistakes.get(code)
    made = codes.find(call.rows, code) if code in job.made else None
    # Shopify tells no code of the mistake here, only its words.
    mistake = {"code": None, "message": words, "field": ["code"]}
    return {
        "code": code,
        "discountRedeemCode": redeem_code(made) if made else None,
        "errors": [mistake] if words else [],
    }
