"""What is written on the boards of the demo city."""

from typing import Any

CITY_NOTICES: list[dict[str, Any]] = [
    {
        "title_zh": "大型仪器共享平台试运行",
        "title_en": "The portal is on trial",
        "body_zh": "欢迎预约和送样。使用中遇到的问题，请告诉所在实验室或市级管理员。",
        "body_en": "Book time and send samples. Tell the laboratory or the city's officers what does not work.",
        "is_pinned": True,
    },
    {
        "title_zh": "仪器信息核对开始",
        "title_en": "Check of records has begun",
        "body_zh": "请各单位在截止日期前核对本单位的仪器信息。",
        "body_en": "Institutions are asked to check their records by the deadline.",
    },
]
CITY_GUIDES: list[dict[str, Any]] = [
    {
        "slug": "how-to-book",
        "title_zh": "怎样预约机时",
        "title_en": "How to book time",
        "body_zh": "1. 找到仪器，选择空闲时间。\n2. 回答实验室的问题，提交预约。\n3. 需要审批的，等待机组管理员确认。\n"
        "4. 按时到场，用仪器上的二维码签到。\n\n不能按时到场的，请提前取消，把时间让给别人。",
        "body_en": "1. Find an instrument and choose a free time.\n2. Answer the questions and send the wish.\n"
        "3. Where approval is needed, wait for the lab admin.\n4. Come in time and check in by the QR code.\n\n"
        "Cancel early when you cannot come: somebody else can use the time.",
    },
    {
        "slug": "how-to-send-samples",
        "title_zh": "怎样送样",
        "title_en": "How to send samples",
        "body_zh": "在“检测项目”中查找需要的检测，看清对样品的要求，再与实验室联系。样品上请写明编号和联系人；"
        "有毒、易燃、放射性样品必须事先说明。",
        "body_en": "Find the test, read what the sample must be like, and write to the laboratory. Mark each sample; "
        "say beforehand whether it is poisonous, inflammable or radioactive.",
    },
]
LAB_NOTICES: list[dict[str, Any]] = [
    {
        "title_zh": "每周五下午设备保养",
        "title_en": "Maintenance on Friday afternoons",
        "body_zh": "每周五 15:00 以后进行日常保养，请尽量安排在其他时间。",
        "body_en": "Daily upkeep takes place on Fridays after 15:00; please choose another time.",
    },
    {
        "title_zh": "送样时间调整",
        "title_en": "New hours for samples",
        "body_zh": "样品接收时间改为工作日 9:00–11:30。",
        "body_en": "Samples are taken on working days from 9:00 to 11:30.",
    },
    {
        "title_zh": "新用户培训报名",
        "title_en": "Training for new users",
        "body_zh": "每月第二周举办上机培训，请在仪器页面申请。",
        "body_en": "Training is held in the second week of each month; ask for it on the instrument's page.",
    },
]
LAB_GUIDE: dict[str, Any] = {
    "title_zh": "实验室守则",
    "title_en": "Rules of the laboratory",
    "body_zh": "进入实验室前请完成安全培训。\n不得单独操作未经培训的仪器。\n用完后请清洁样品台，并如实填写使用记录。",
    "body_en": "Take the safety training first.\nDo not run an instrument without training for it.\n"
    "Clean the stage afterwards and write down truly what was done.",
}
