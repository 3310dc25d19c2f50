"""Characters that look like a digit, by name: they are no examples of "none of them".

A ring is a 0 wherever it was meant as a letter; taught as "none", it makes a network refuse zeros.
"""

import unicodedata
from collections.abc import Collection

# For each digit the characters with a form that people also give to the digit: the letter of Latin
# first, then the other alphabets' and the signs. Accented forms of them count too.
LOOK_ALIKES = {
    0: "OoØøƟɵ ΟοΘθϴ ОоѲѳӨө Օօ ס Ό оଠഠဝဂဠዐⵔⵙⵀㅇ〇 °º○◯⚪⚬∘⊘⊖⊝⦸∅⌀♁◌◦●⬤□▢ꓳ𐌏",
    1: "IilLɩıǀ!| Ιι ІіӀӏ וןاﺍ ∣❘⏐│┃ㅣ丨 ()[]{}/\\⁄∕⟋⧸❨❩⌠⌡∫ſʃƖↄ⌈⌉⌊⌋⎮ⵏᛁᎥꓲߊ𐌉",
    2: "ZzƵƶʐʑȤȥƧƨƻᴢ Ζζ Շշ ჷըⴭⵣՀ ʔʕɁɂ?ꓜ𐌆",
    3: "ƷʒȜȝƐɜɛɞℨʓ ЗзӠӡЭэҘҙӬӭԐԑԅ ვპჳउઉਤဒε ∋϶",
    4: "ЧчҶҷҸҹӋӌӴӵЏ φϕϤ ԿկՎվ ႷႿꓮㄐ",
    5: "SsƼƽȿ Ѕѕ §ട",
    6: "GbƅƄɓ БбЬь ნճઇϭᏮ",
    7: "ΓЃ¬⅂ ᄀㄱﾌファㄗ דרךת ⌐⏌",
    8: "BȢȣɞ З &∞߷৪",
    9: "gqɡƍʠ ԛ ՔզԳգՓ ǫ",
}


def is_look_alike(character: str, digits: Collection[int]) -> bool:
    """Return whether a character, or the letter under its accents, looks like one of the digits."""
    forms = {character, *unicodedata.normalize("NFKD", character)} - {" "}
    return any(form in LOOK_ALIKES[digit] for digit in digits for form in forms)
