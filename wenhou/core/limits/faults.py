"""What is wrong with a text for the channel that shall carry it: a stable code and a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFault:
    """One broken limit. `detail`: the figure or characters found. `field`: variable or field, "" for the whole text."""

    code: str
    sentence_zh: str
    sentence_en: str
    detail: str = ""
    field: str = ""


_SENTENCES: Final = MappingProxyType(
    {
        "text_empty": ("内容为空", "the text is empty"),
        "too_many_units": (
            "短信太长：{found}字，最多{most}字",
            "too long for SMS: {found} units, at most {most}",
        ),
        "too_many_parts": (
            "短信会拆成{found}条，最多{most}条",
            "the SMS makes {found} parts, at most {most}",
        ),
        "too_many_bytes": (
            "内容太长：{found}字节，最多{most}字节（约{han}个汉字）",
            "{found} bytes, at most {most}",
        ),
        "too_many_images": ("图片太多：{found}张，最多{most}张", "{found} images, at most {most}"),
        "characters": ("含通道不支持的字符：{advice}", "holds characters that lines refuse: {advice_en}"),
        "control_characters": ("含看不见的控制字符", "holds invisible control characters"),
        "opt_out_missing": ("结尾必须是“{found}”", "must end with {found}"),
        "subject_missing": ("邮件没有主题", "the mail has no subject"),
        "subject_long": (
            "邮件主题太长：{found}字，最多{most}字",
            "the subject has {found} characters, at most {most}",
        ),
        "subject_lines": ("邮件主题只能有一行", "the subject must be one line without control characters"),
        "filed_only": (
            "这条线路只发已报备的模板，这段文字不符合任何一个：请改用已报备的写法，或先报备",
            "this line carries filed texts only and the text fits none: use a filed wording or file it first",
        ),
        "filed_unknown": ("没有编号为{found}的已报备模板", "there is no filed text {found}"),
        "filed_differs": (
            "文字与已报备模板填好后不一致：客户收到的会是“{found}”",
            "the text is not what the filed text makes of these values: {found}",
        ),
        "filed_empty": ("报备文本为空", "the filed text is empty"),
        "filed_brackets": (
            "报备文本不能含【】或[]：签名由平台加",
            "a filed text holds no 【】 or []: the platform signs",
        ),
        "filed_variables": ("这类模板不允许变量", "no variables are allowed in this kind of text"),
        "filed_many_variables": ("变量太多：{found}个，最多{most}个", "{found} variables, at most {most}"),
        "filed_all_variables": ("模板不能全由变量组成", "a filed text cannot consist of variables alone"),
        "filed_adjacent": (
            "变量{field}紧挨着前一个变量，中间须有固定文字",
            "{field} stands right behind another variable",
        ),
        "filed_twice": ("变量{field}出现了两次", "{field} stands here twice"),
        "filed_numbers": ("变量须从1起连续编号", "variables are numbered from 1 without gaps"),
        "filed_syntax": ("有写错的变量：{found}", "this is no variable of the dialect: {found}"),
        "value_missing": ("缺少变量{field}的值", "no value for {field}"),
        "value_unknown": ("模板里没有变量{field}", "the filed text has no variable {field}"),
        "value_empty": ("变量{field}的值为空", "the value of {field} is empty"),
        "value_long": (
            "变量{field}太长：{found}字，最多{most}字",
            "{field} has {found} characters, at most {most}",
        ),
        "value_link": ("变量{field}里不能有链接", "no links in {field}"),
        "value_brackets": ("变量{field}里不能有【】或[]", "no brackets 【】 or [] in {field}"),
        "value_control": ("变量{field}里有换行或控制字符", "line breaks or control characters in {field}"),
        "value_variable": (
            "变量{field}的值里还有没填的变量",
            "the value of {field} looks like an unfilled variable",
        ),
        "value_kind": ("变量{field}的值不符合它的类型{found}", "the value of {field} is no {found}"),
        "field_unknown": ("平台没有这种字段：{field}", "the platform has no such field: {field}"),
        "field_long": ("字段{field}太长：{found}，最多{most}", "{field} has {found}, at most {most}"),
        "field_shape": ("字段{field}的格式不对：应为{found}", "{field} must be {found}"),
        "field_unlisted": (
            "字段{field}的值不在平台批准的选项里",
            "the value of {field} is not among those approved",
        ),
        "signature": ("{found}", "{found_en}"),
    }
)


def fault(code: str, *, field: str = "", **facts: object) -> LimitFault:
    """Return the fault with its sentences filled in; `found` becomes its detail."""
    zh, en = _SENTENCES[code]
    known = {"field": field, **facts}
    return LimitFault(
        code=code,
        sentence_zh=zh.format_map(known),
        sentence_en=en.format_map(known),
        detail=str(facts.get("found", "")),
        field=field,
    )
