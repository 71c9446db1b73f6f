"""Surnames: the compound ones (two characters), and how the common ones are written in Latin letters.

Readings of surnames differ from ordinary readings (单 Shan, 解 Xie, 仇 Qiu, 查 Zha, 曾 Zeng); a surname
that is not listed is never guessed: the customer is then addressed by the full name.
"""

from __future__ import annotations

COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 司徒 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 轩辕 东方 西门 南宫 独孤 端木 司空 "
    "百里 呼延 钟离 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 闻人 赫连 鲜于 闾丘 亓官 司寇 子车 颛孙 "
    "巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 谷梁 段干 东郭 南门 羊舌 微生 梁丘 左丘 东门 万俟 纳兰 完颜 "
    "耶律 第五 太史 即墨 达奚 褚师 歐陽 司馬 諸葛 東方 西門 南宮 尉遲 長孫 軒轅 公孫 獨孤 鍾離 濮陽 赫連 "
    "鮮于 納蘭 完顏".split()
)

_READINGS = (
    "王 Wang 李 Li 张 Zhang 刘 Liu 陈 Chen 杨 Yang 黄 Huang 赵 Zhao 周 Zhou 吴 Wu 徐 Xu 孙 Sun 胡 Hu 朱 Zhu 高 Gao "
    "林 Lin 何 He 郭 Guo 马 Ma 罗 Luo 梁 Liang 宋 Song 郑 Zheng 谢 Xie 韩 Han 唐 Tang 冯 Feng 于 Yu 董 Dong 萧 Xiao "
    "肖 Xiao 程 Cheng 曹 Cao 袁 Yuan 邓 Deng 许 Xu 傅 Fu 沈 Shen 曾 Zeng 彭 Peng 吕 Lyu 苏 Su 卢 Lu 蒋 Jiang 蔡 Cai "
    "贾 Jia 丁 Ding 魏 Wei 薛 Xue 叶 Ye 阎 Yan 余 Yu 潘 Pan 杜 Du 戴 Dai 夏 Xia 钟 Zhong 汪 Wang 田 Tian 任 Ren "
    "姜 Jiang 范 Fan 方 Fang 石 Shi 姚 Yao 谭 Tan 廖 Liao 邹 Zou 熊 Xiong 金 Jin 陆 Lu 郝 Hao 孔 Kong 白 Bai 崔 Cui "
    "康 Kang 毛 Mao 邱 Qiu 秦 Qin 江 Jiang 史 Shi 顾 Gu 侯 Hou 邵 Shao 孟 Meng 龙 Long 万 Wan 段 Duan 雷 Lei 钱 Qian "
    "汤 Tang 尹 Yin 黎 Li 易 Yi 常 Chang 武 Wu 乔 Qiao 贺 He 赖 Lai 龚 Gong 文 Wen 庞 Pang 樊 Fan 兰 Lan 殷 Yin "
    "施 Shi 陶 Tao 洪 Hong 翟 Zhai 安 An 颜 Yan 倪 Ni 严 Yan 牛 Niu 温 Wen 芦 Lu 季 Ji 俞 Yu 章 Zhang 鲁 Lu 葛 Ge "
    "伍 Wu 韦 Wei 申 Shen 尤 You 毕 Bi 聂 Nie 丛 Cong 焦 Jiao 向 Xiang 柳 Liu 邢 Xing 路 Lu 岳 Yue 齐 Qi 梅 Mei "
    "莫 Mo 庄 Zhuang 辛 Xin 管 Guan 祝 Zhu 左 Zuo 涂 Tu 谷 Gu 祁 Qi 时 Shi 舒 Shu 耿 Geng 牟 Mou 卜 Bu 詹 Zhan "
    "关 Guan 苗 Miao 凌 Ling 费 Fei 纪 Ji 靳 Jin 盛 Sheng 童 Tong 欧 Ou 甄 Zhen 项 Xiang 曲 Qu 成 Cheng 游 You "
    "阳 Yang 裴 Pei 席 Xi 卫 Wei 查 Zha 屈 Qu 鲍 Bao 位 Wei 覃 Qin 霍 Huo 翁 Weng 隋 Sui 植 Zhi 甘 Gan 景 Jing "
    "薄 Bo 单 Shan 包 Bao 司 Si 柏 Bai 宁 Ning 柯 Ke 阮 Ruan 桂 Gui 闵 Min 解 Xie 强 Qiang 丘 Qiu 仇 Qiu 区 Ou "
    "朴 Piao 房 Fang 车 Che 符 Fu 水 Shui 喻 Yu 华 Hua 冷 Leng 简 Jian 饶 Rao 燕 Yan 鞠 Ju 邬 Wu 窦 Dou 滕 Teng "
    "欧阳 Ouyang 司马 Sima 上官 Shangguan 诸葛 Zhuge 夏侯 Xiahou 司徒 Situ 皇甫 Huangfu 尉迟 Yuchi 公孙 Gongsun "
    "慕容 Murong 令狐 Linghu 宇文 Yuwen 长孙 Zhangsun 轩辕 Xuanyuan 东方 Dongfang 西门 Ximen 南宫 Nangong 独孤 Dugu "
    "端木 Duanmu 司空 Sikong 百里 Baili 呼延 Huyan 钟离 Zhongli 单于 Chanyu 万俟 Moqi 淳于 Chunyu 申屠 Shentu "
    "闻人 Wenren 赫连 Helian 鲜于 Xianyu 濮阳 Puyang 澹台 Tantai"
).split()
# 覃 is read Qin or Tan, 翟 Zhai or Di, 乐 Yue or Le, 盖 Ge or Gai: those people are addressed by the full name.
_AMBIGUOUS = frozenset({"覃", "翟", "华", "燕", "纪", "任", "区"})
PINYIN = {
    han: latin for han, latin in zip(_READINGS[::2], _READINGS[1::2], strict=True) if han not in _AMBIGUOUS
}
