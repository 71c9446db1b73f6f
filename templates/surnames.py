"""Surnames: single and compound ones, names that have none in front, and the common ones in Latin letters.

Whoever is not listed is addressed by the full name. Readings of surnames differ from ordinary readings (单 Shan,
解 Xie, 仇 Qiu, 查 Zha, 曾 Zeng) and are never guessed.
"""

from __future__ import annotations

COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 司徒 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 轩辕 东方 西门 南宫 独孤 端木 司空 "
    "百里 呼延 钟离 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 闻人 赫连 鲜于 闾丘 亓官 司寇 子车 颛孙 "
    "巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 谷梁 段干 东郭 南门 羊舌 微生 梁丘 左丘 东门 万俟 纳兰 完颜 "
    "耶律 第五 太史 即墨 达奚 褚师 歐陽 司馬 諸葛 東方 西門 南宮 尉遲 長孫 軒轅 公孫 獨孤 鍾離 濮陽 赫連 "
    "鮮于 納蘭 完顏".split()
)
# 谷梁栋 may be 谷 梁栋 and 乐正伟 may be 乐 正伟: with one more character nobody can tell.
UNCLEAR_COMPOUNDS = frozenset("谷梁 宗政 乐正 闻人 段干 梁丘 左丘 单于 巫马 微生 公良 南门 东门 太史".split())
SINGLE_SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷"
    "施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳"
    "盛童欧甄项曲成游阳裴席卫查屈鲍覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强丘仇区朴房车符喻华冷简饶燕鞠邬窦滕肖"
    "闫褚尚冉娄佟佘池冀缪裘仲蒲谈麦连晏蔺艾苟敖边卞封宫郎骆宗沙米练明计伏宓贝臧危刁虞支昝经干应宣贲郁杭诸吉钮"
    "嵇滑荣荀羊於惠家芮羿储汲邴糜松井富巫乌巴弓牧隗山蓬全郗班仰秋伊栾暴钭厉戎祖束幸韶郜蓟印宿怀邰从鄂索咸籍卓"
    "屠蒙阴胥能苍双闻莘党贡劳逄姬扶堵宰郦雍璩桑濮扈郏浦农别柴瞿充慕茹习宦鱼容古慎戈庾终暨居衡步都满弘匡国寇广"
    "禄阙殳沃利蔚越夔隆师巩厍晁勾融訾阚那空养须丰巢蒯相后荆红竺权逯盖益桓岑皮帅亢况代原台初楚来肇苑信冼陳張劉"
    "黃吳趙孫馬羅鄭謝韓馮蕭蘇盧蔣賈葉閻鍾陸鄧許呂範鄒龍萬錢湯賴龔龐蘭閆顏嚴溫蘆畢聶叢齊莊蓋關費紀項衛鮑區車華"
    "簡饒鄔竇單楊譚賀鐘婁連邊駱戰門修卿敬由佀仝忻占户寿鹿撒麻海洛冒宾奚邝揭"
)
# Names of one word, or without a surname in front (Tibetan, Mongolian, Uyghur …), by how they begin.
ONE_WORD_NAMES = tuple(
    "白玛 央金 央宗 索朗 索南 洛桑 洛追 丹增 丹巴 平措 多吉 多布 德吉 德庆 强巴 强久 仁增 仁青 旺堆 旺姆 旺扎 "
    "边巴 边珍 米玛 拉姆 拉巴 普布 普琼 嘎玛 顿珠 卓玛 卓嘎 格桑 次仁 次旺 扎西 达瓦 尼玛 巴桑 贡觉 贡嘎 云丹 "
    "阿旺 古丽 艾尼 艾力 买买 吐尔 库尔 木合 苏和 苏日 娜仁 其其 通拉 布和 那顺 那日 那仁 呼和 呼格 阿古 阿拉 "
    "宝音 巴图 巴特 巴雅 乌云 乌兰 乌日 乌尼 斯琴 萨仁 萨日 特木 哈斯 朝鲁 朝格 额尔 敖特 敖登 满都 牧仁 牧其 "
    "吉日 吉木 金花其 孟和 孟克 查干 莫日 图雅 双喜格 白音 安达 青格 胡日 高娃 马合 马依 麦麦 沙吾 居来 热依 "
    "米热 米尔 帕提 祖丽 努尔 迪丽 玛依".split()
)
# Japanese surnames that begin like a Chinese one: 田中一 is nobody of the name 田.
JAPANESE_SURNAMES = tuple(
    "田中 田村 高桥 高橋 高木 高田 高野 石井 石川 石田 石原 金子 金田 安藤 安倍 安部 武田 武藤 和田 水野 水谷 "
    "柳田 白井 白石 关口 关根 谷口 谷川 江口 江藤 成田 井上 松本 松田 松井 宫本 宫崎 宫田 原田 林田 边见 吉田 "
    "吉川 吉村 山田 山本 山口 山下 山崎 池田 池上 古川 古田 车田 后藤 平田 平井 海老 国分 广田 富田 富永 丰田 "
    "丰臣 黑田 黄川 小林 中村 伊藤 利根 羽田 森田 梅田 梅原 柴田 桑田 桑原 荒木 荒井 相川 相泽 相原 元木 秋山 "
    "秋田 秋元 福田 福岛 福原 牧野 牧田 鹿岛 神田 神谷 长岛 长野 长谷".split()
)
# Surnames in the Latin letters of Hong Kong, Taiwan, Singapore, Korea and Vietnam, which stand first as often as last.
ROMANISED = frozenset(
    "lee chan wong ng cheung leung lau kwok tsang chow yip lam tan lim goh teo koh ong tay toh chua kim park "
    "choi jung kang cho yoon jang shin kwon hsu hsieh tsai chang chiang chou chiu cheng chung fung fong hui "
    "kwan kwong lai lui mak mok ngai poon siu sze szeto tam tang tong tse tsui yeung yuen yeo quek sim seah "
    "chia foo loh loo low ang heng neo nguyen tran pham hoang phan vu dang bui ngo duong huynh vo bae baek "
    "hwang ahn lim nam noh oh ryu seo son song yang yoo".split()
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
