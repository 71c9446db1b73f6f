"""How people are addressed, in both languages, and who is never given a guessed title."""

from __future__ import annotations

import pytest

from templates.salutations import Addressee, salutation


@pytest.mark.parametrize(
    ("name", "gender", "preferred", "age", "zh", "en"),
    [
        ("王伟", "male", None, None, "王先生", "Mr Wang"),
        ("王丽", "女", None, 40, "王女士", "Ms Wang"),
        ("王丽", "unknown", None, None, "王丽", "王丽"),
        ("王丽", None, "老师", None, "王老师", "王丽"),
        ("王伟", "male", "总", None, "王总", "Mr Wang"),
        ("王伟", "male", "教授", None, "王教授", "Prof Wang"),
        ("王伟", "male", "尊敬的王哥", None, "王哥", "Mr Wang"),
        ("欧阳明月", "female", None, None, "欧阳女士", "Ms Ouyang"),
        ("司马光", "male", None, None, "司马先生", "Mr Sima"),
        ("上官婉儿", "F", None, None, "上官女士", "Ms Shangguan"),
        ("欧阳", "male", None, None, "欧阳先生", "Mr Ouyang"),
        ("单雄", "male", None, None, "单先生", "Mr Shan"),
        ("覃勇", "male", None, None, "覃先生", "覃勇"),
        ("王", "male", None, None, "王先生", "Mr Wang"),
        ("王", "unknown", None, None, "王", "王"),
        ("王 伟", "男", None, None, "王先生", "Mr Wang"),
        ("陈李小明", "male", None, None, "陈李小明先生", "陈李小明"),
        ("阿依古丽·买买提", "female", None, None, "阿依古丽女士", "阿依古丽女士"),
        ("𠮷田", "male", None, None, "𠮷先生", "𠮷田"),
        ("王小宝", "male", None, 6, "王小宝小朋友", "王小宝"),
        ("王小宝", "male", None, 15, "王小宝同学", "王小宝"),
        ("John Smith", "male", None, None, "Smith先生", "Mr Smith"),
        ("John Smith", "unknown", None, None, "John Smith", "John Smith"),
        ("Smith, Anna", "female", None, None, "Smith女士", "Ms Smith"),
        ("Dr. Anna Smith", "female", None, None, "Smith博士", "Dr Smith"),
        ("Vincent van Gogh", "male", None, None, "van Gogh先生", "Mr van Gogh"),
        ("WANG Wei", "male", None, None, "Wang先生", "Mr Wang"),
        ("Jean-Luc O'Neill Jr.", "male", None, None, "O'Neill先生", "Mr O'Neill"),
        ("Madonna", "female", None, None, "Madonna", "Madonna"),
    ],
)
def test_people_are_addressed_as_they_would_expect(
    name: str, gender: str | None, preferred: str | None, age: int | None, zh: str, en: str
) -> None:
    person = Addressee(name=name, gender=gender, preferred=preferred, age=age)

    assert (salutation(person), salutation(person, "en")) == (zh, en)


@pytest.mark.parametrize(
    "name", ["", "  ", "None", "null", "无", "测试", "13800138000", "王伟2", "{{ name }}", "客户", "?", "<b>"]
)
def test_what_is_no_name_is_addressed_by_nothing(name: str) -> None:
    assert salutation(Addressee(name=name, gender="male")) == ""
