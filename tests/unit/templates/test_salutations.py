"""How people are addressed, in both languages, and who is never given a guessed title."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.placeholders import OddValueError, Placeholder, PlaceholderType, plain_value
from templates.salutations import TITLES, Addressee, salutation, surname_of
from templates.surnames import COMPOUND_SURNAMES, SINGLE_SURNAMES, UNCLEAR_COMPOUNDS


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
        ("阿依古丽·买买提", "female", None, None, "阿依古丽·买买提女士", "阿依古丽·买买提"),
        ("𠮷田", "male", None, None, "𠮷田先生", "𠮷田"),
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
        ("王", "female", None, 30, "王女士", "Ms Wang"),
        ("司徒", "male", None, None, "司徒先生", "Mr Situ"),
        ("歐陽鋒", "male", None, None, "歐陽先生", "歐陽鋒"),
        ("万俟卨", "male", None, None, "万俟先生", "Mr Moqi"),
        ("谷梁栋", "male", None, None, "谷梁栋先生", "谷梁栋"),
        ("谷梁小栋", "male", None, None, "谷梁先生", "谷梁小栋"),
        ("钱林慧珍", "female", None, None, "钱林慧珍女士", "钱林慧珍"),
        ("欧阳张慧", "female", None, None, "欧阳女士", "Ms Ouyang"),
        ("爱新觉罗启星", "male", None, None, "爱新觉罗启星先生", "爱新觉罗启星"),
        ("佘太君", "female", None, None, "佘女士", "佘太君"),
        ("山田太郎", "male", None, None, "山田太郎先生", "山田太郎"),
        ("田中一", "male", None, None, "田中一先生", "田中一"),
        ("田中", "male", None, None, "田先生", "Mr Tian"),
        ("朴敏智", "female", None, None, "朴女士", "Ms Piao"),
        ("南宫珉", "male", None, None, "南宫先生", "Mr Nangong"),
        ("김민수", "male", None, None, "김민수", "김민수"),
        ("巴图", "male", None, None, "巴图先生", "巴图"),
        ("其其格", "female", None, None, "其其格女士", "其其格"),
        ("苏和", "male", None, None, "苏和先生", "苏和"),
        ("格桑卓玛", "female", None, None, "格桑卓玛女士", "格桑卓玛"),
        ("约翰·史密斯", "male", None, None, "约翰·史密斯先生", "约翰·史密斯"),
        ("阿依古丽•买买提", "unknown", None, None, "阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "female", "老师", None, "阿依古丽·买买提老师", "阿依古丽·买买提"),
        ("𠮷", "male", None, None, "𠮷先生", "𠮷"),
        (" 王\u3000伟 ", "男", None, None, "王先生", "Mr Wang"),
        ("王  小 明", "男", None, None, "王先生", "Mr Wang"),
        ("王总", "male", None, None, "王总", "Mr Wang"),
        ("王总", None, None, None, "王总", "王"),
        ("李女士", None, None, None, "李女士", "Ms Li"),
        ("欧阳老师", None, None, None, "欧阳老师", "欧阳"),
        ("王小明先生", None, None, None, "王先生", "Mr Wang"),
        ("王总", "male", "董事长", None, "王董事长", "Mr Wang"),
        ("王丽", "female", "太太", None, "王女士", "Ms Wang"),
        ("王丽", "female", "夫人", 50, "王女士", "Ms Wang"),
        ("王伟", "male", "董", None, "王董", "Mr Wang"),
        ("王伟", "male", "医生", None, "王医生", "Dr Wang"),
        ("王伟", "male", "王哥", None, "王哥", "Mr Wang"),
        ("王丽", "female", "尊敬的贵宾", None, "王女士", "Ms Wang"),
        ("王丽", "female", "无", None, "王女士", "Ms Wang"),
        ("王丽", "female", "-", None, "王女士", "Ms Wang"),
        ("王丽", "female", "亲爱的", None, "王女士", "Ms Wang"),
        ("王丽", "female", "王姐，您好！", None, "王姐", "Ms Wang"),
        ("王丽", "female", "Dear Jenny", None, "Jenny", "Jenny"),
        ("王丽", "female", "每月十号后再联系，不要打电话给她本人以外的人", None, "王女士", "Ms Wang"),
        ("王小宝", "male", None, 11, "王小宝小朋友", "王小宝"),
        ("王小宝", "male", None, 12, "王小宝同学", "王小宝"),
        ("王小宝", "male", None, 17, "王小宝同学", "王小宝"),
        ("王小宝", "male", None, 18, "王先生", "Mr Wang"),
        ("JOHN SMITH", "male", None, None, "Smith先生", "Mr Smith"),
        ("john smith", "male", None, None, "Smith先生", "Mr Smith"),
        ("MARIA DE LA CRUZ", "female", None, None, "de la Cruz女士", "Ms de la Cruz"),
        ("Oscar de la Hoya", "male", None, None, "de la Hoya先生", "Mr de la Hoya"),
        ("van Gogh", "male", None, None, "van Gogh先生", "Mr van Gogh"),
        ("J. Smith", "male", None, None, "Smith先生", "Mr Smith"),
        ("PJ Harvey", "female", None, None, "Harvey女士", "Ms Harvey"),
        ("Smith, J.", "male", None, None, "Smith先生", "Mr Smith"),
        (
            "Juan Carlos García Márquez",
            "male",
            None,
            None,
            "Juan Carlos García Márquez先生",
            "Juan Carlos García Márquez",
        ),
        ("Ali bin Abu", "male", None, None, "Ali bin Abu先生", "Ali bin Abu"),
        ("Lee Kuan Yew", "male", None, None, "Lee Kuan Yew先生", "Lee Kuan Yew"),
        ("Nguyễn Văn An", "male", None, None, "Nguyễn Văn An先生", "Nguyễn Văn An"),
        ("Li Xiaoming", "male", None, None, "Li先生", "Mr Li"),
        ("LI XIAOMING", "male", None, None, "Li先生", "Mr Li"),
        ("Xiaoming Li", "male", None, None, "Li先生", "Mr Li"),
        ("WANG WEI", "male", None, None, "Wang Wei先生", "Wang Wei"),
        ("Иван Петров", "male", None, None, "Иван Петров先生", "Иван Петров"),
        ("David 李", "male", None, None, "李先生", "David 李"),
        ("Mr Smith", None, None, None, "Smith先生", "Mr Smith"),
        ("ＪＯＨＮ ＳＭＩＴＨ", "male", None, None, "Smith先生", "Mr Smith"),
    ],
)
def test_people_are_addressed_as_they_would_expect(
    name: str, gender: str | None, preferred: str | None, age: int | None, zh: str, en: str
) -> None:
    person = Addressee(name=name, gender=gender, preferred=preferred, age=age)

    assert (salutation(person), salutation(person, "en")) == (zh, en)


@pytest.mark.parametrize(
    "name",
    [
        "", "  ", "None", "null", "无", "测试", "13800138000", "王伟2", "{{ name }}", "客户", "?", "<b>",
        "先生", "女士", "老师", "测试用户", "客户A", "张某", "李某某", "张**", "王伟（已故）", "无名氏", "匿名",
        "江城贸易有限公司", "江城银行", "某某", "户主", "同上", "ABC Trading Ltd", "Test Bank", "X" * 3, "X", "aaa",
        "·", "-", "...", "'", "王\u200b伟", "王\u202e伟", "🎂", "王伟🎂", "王/李", "王&李", "Mr", "a b c d e f g h",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_name_is_addressed_by_nothing(name: str) -> None:
    for locale in ("zh-CN", "en"):
        assert salutation(Addressee(name=name, gender="male"), locale) == ""


SINGLES = st.sampled_from(sorted(SINGLE_SURNAMES))
COMPOUNDS = st.sampled_from(sorted(COMPOUND_SURNAMES - UNCLEAR_COMPOUNDS))
GIVEN = st.text(alphabet="伟芳娜敏静丽强磊军洋勇艳杰涛明超秀英霞平刚桂香玉建国华", min_size=1, max_size=2)
GENDERS = st.sampled_from([None, "male", "female", "unknown", "男", "女", "", "?"])
TOLD = st.sampled_from(
    [None, "", "无", "尊贵的王总", "亲爱的", "贵宾", "VIP客户", "尊敬的", *sorted(TITLES)]
) | st.text(max_size=30)
BOWING = re.compile("尊敬|尊贵|亲爱|高贵|敬爱|贵宾|大人|陛下|dear|honou?red|esteemed", re.IGNORECASE)
ODD = re.compile("none|null|nan|undefined|[{}<>]", re.IGNORECASE)


@given(SINGLES, GIVEN, GENDERS, TOLD, st.integers(0, 110) | st.none(), st.sampled_from(["zh-CN", "en"]))
def test_a_real_name_is_always_addressed_never_oddly_never_with_a_bow(
    surname: str, given_name: str, gender: str | None, told: str | None, age: int | None, locale: str
) -> None:
    words = salutation(Addressee(name=surname + given_name, gender=gender, preferred=told, age=age), locale)

    assert words.strip() == words != ""
    assert not ODD.search(words)
    assert not BOWING.search(words)
    assert words not in TITLES


@given(SINGLES, GIVEN, st.sampled_from(["male", "female"]))
def test_a_listed_surname_stands_alone_or_the_whole_name_does(
    surname: str, given_name: str, gender: str
) -> None:
    name, title = surname + given_name, "先生" if gender == "male" else "女士"

    words = salutation(Addressee(name=name, gender=gender))

    assert words in {surname + title, name + title, name[:2] + title if name[:2] in COMPOUND_SURNAMES else ""}


@given(COMPOUNDS, GIVEN)
def test_a_surname_of_two_characters_is_never_halved(surname: str, given_name: str) -> None:
    assert surname_of(surname + given_name) == surname
    assert salutation(Addressee(name=surname + given_name, gender="female")) == f"{surname}女士"


@given(SINGLES, GIVEN)
def test_without_a_gender_the_whole_name_is_said(surname: str, given_name: str) -> None:
    assert salutation(Addressee(name=surname + given_name)) == surname + given_name


def test_a_two_character_surname_is_never_taken_for_one_of_another() -> None:
    for compound in COMPOUND_SURNAMES:
        assert surname_of(compound + "明") != compound[0]


@given(st.text(max_size=40), GENDERS, TOLD, st.sampled_from(["zh-CN", "en"]))
def test_any_text_in_the_name_column_is_addressed_sanely_or_blocked(
    name: str, gender: str | None, told: str | None, locale: str
) -> None:
    words = salutation(Addressee(name=name, gender=gender, preferred=told), locale)

    assert words == words.strip()
    assert not ODD.search(words) or words in name.title() or words in name
    assert all(char.isalpha() or char in " ·.,'’-〇" or not char.isascii() for char in words)
    declared = Placeholder(
        name="who", type=PlaceholderType.SALUTATION, source="customer.salutation", sample="王女士"
    )
    try:
        shown = plain_value(declared, Addressee(name=name, gender=gender, preferred=told), locale)
    except OddValueError:
        return
    assert shown == words
