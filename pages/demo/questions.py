"""What the demo's electron microscope asks about a sample."""

from instruments.states import QuestionKind


def choice(value: str, label_zh: str, label_en: str) -> dict[str, str]:
    return {"value": value, "label_zh": label_zh, "label_en": label_en}


ABOUT_THE_SAMPLE = [
    {
        "key": "sample",
        "kind": QuestionKind.TEXT,
        "label_zh": "样品是什么？",
        "label_en": "What is the sample?",
        "help_zh": "材料、形状和尺寸，例如：镀铜薄片，10 × 10 × 1 mm",
        "help_en": "Material, shape and size, for example: copper-plated sheet, 10 × 10 × 1 mm",
        "required": True,
    },
    {
        "key": "conductive",
        "kind": QuestionKind.CHOICE,
        "label_zh": "样品导电吗？",
        "label_en": "Does it conduct?",
        "required": True,
        "choices": [
            choice("yes", "导电", "yes"),
            choice("coated", "不导电，已镀膜", "no, but it is coated"),
            choice("no", "不导电，需镀膜", "no, it must be coated"),
        ],
    },
    {
        "key": "magnetic",
        "kind": QuestionKind.YES_NO,
        "label_zh": "样品有磁性吗？",
        "label_en": "Is it magnetic?",
        "help_zh": "磁性样品请先联系操作员",
        "help_en": "Speak to the operator before you bring a magnetic sample",
        "required": True,
    },
    {
        "key": "count",
        "kind": QuestionKind.NUMBER,
        "label_zh": "样品数量",
        "label_en": "Number of samples",
        "at_least": 1,
    },
]
