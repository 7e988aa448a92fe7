"""Words that mean the same, and words that say nothing: what a query is cut along."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from instruments.ranking.pinyin import sounds_of_all
from instruments.ranking.tokens import atoms, is_han, joined

Form = tuple[str, ...]
MOST_SENSES = 16

# What people say around the thing they look for. It counts where a record says the very same, and nowhere else.
SAID_BESIDE = """
我想 我要 我们想 我们要 我们 我需要 需要 想要 想做 想测 想看 想看看 想用 想找 想了解 想知道 看看 看一下 看一看
做一下 做一个 做个 测一下 测一测 测个 测一个 一下 一个 一台 一些 一种 请问 请帮 帮我 帮忙 麻烦 您好 你好
哪里可以 哪里能 哪里有 哪里 哪儿 哪个 哪些 哪台 哪种 哪家 什么 怎么 怎样 如何 有没有 有什么 没有 可以 能不能
可不可以 能否 是否 是不是 用于 用来 用什么 使用 应该 适合 关于 里面 中的 里的 上的 寻找 找一台 找个 预约 预订
租用 借用 附近 大连 仪器 设备 机器 检测 测试 分析 测量 测定 表征 观察 检验 研究 服务 实验 样品 样本 材料 情况
问题 的 了 吗 呢 吧 啊 呀 含量 多少 是多少 有多 送样 进行 一批 几个
"""
# One letter each, and part of many words (有机, 看谱镜): said beside only where a known word or the end follows.
SAID_BETWEEN = "我你想要看做测用找查有在里中和与及或对把给是请能去让为"
# What one does to the thing, before a word that is not known: 测塑料.
DONE_TO_IT = "测看做找查用"
SAID_BESIDE_IN_ENGLISH = """
a an the of in for with to on at by from is are am be can could do does did i we my our me you your want need needs
which what where who how why when whether please find finding look looking some any there have has use used using and or
it its this that these would like should get getting see check checking measure measuring measurement analyse analyze
analysing analyzing analysis determine determination test testing characterise characterize characterization
characterisation instrument equipment machine device tool service lab laboratory sample material information about
know one two much many
"""


class Thesaurus:
    """Groups of words that mean the same: whoever asks for one is shown all.

    A word belongs to the first group that names it. A later group that names it too leads to it, and to all that it is
    called by, but not from it: who asks for 断口 is shown SEM, and who asks for SEM is not shown all about 断口.
    """

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self.senses: dict[Form, list[Form]] = {}
        for words in groups:
            forms = list(dict.fromkeys(form for word in words if (form := tuple(atoms(word)))))
            led_to = [other for form in forms for other in self.senses.get(form, [])]
            meant = list(dict.fromkeys([*forms, *led_to]))[:MOST_SENSES]
            self.senses |= {key: meant for form in forms for key in _keys(form) if key not in self.senses}
        self._sounds: dict[str, Form] = {}
        for form in self.senses:
            for sound in sounds_of_all(form) if any(map(is_han, form)) else ():
                self._sounds.setdefault(sound, form)
        self.stops = {tuple(atoms(word)) for word in (SAID_BESIDE + SAID_BESIDE_IN_ENGLISH).split()}
        self.stops -= self.senses.keys()
        self.longest = max(map(len, [*self.senses, *self.stops]))
        self._written = {"".join(form): form for form in self.senses if len("".join(form)) > 2}

    def longest_known(self, pieces: Sequence[str], at: int) -> Form | None:
        """The longest word of a group, or said beside, that begins at `at`."""
        for end in range(min(len(pieces), at + self.longest), at, -1):
            form = tuple(pieces[at:end])
            if form in self.senses or form in self.stops:
                return form
        return None

    def heard_as(self, sound: str) -> list[Form]:
        """What a known word that sounds like this may mean: smdj, saomiaodianjing."""
        return self.senses[self._sounds[sound]] if sound in self._sounds else []

    def nearest(self, written: str) -> Form | None:
        """The known word that somebody may have meant who wrote this."""
        found = difflib.get_close_matches(written, self._written, n=1, cutoff=0.72)
        return self._written[found[0]] if found else None


def _keys(form: Form) -> list[Form]:
    """The ways in which a known word may be typed: ICP-MS, ICP MS, ICPMS."""
    several_words = len(form) > 1 and not any(is_han(atom) for atom in form)
    return [form, (joined(form),)] if several_words else [form]
