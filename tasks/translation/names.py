"""Other names for Tom, whom every fourth ManyThings sentence is about."""

import re
import zlib

from zoo.data.pairs import Pairs

# First names that are the same in English and German, and take a plain "s" in the genitive.
HIS = (
    "Aaron", "Abdul", "Adam", "Alan", "Albert", "Alexander", "Amir", "Andrew", "Anton", "Arthur",
    "Ben", "Benjamin", "Bill", "Bob", "Bruno", "Chen", "Christian", "Colin", "Conrad", "Dan",
    "Daniel", "David", "Diego", "Dimitri", "Edgar", "Edward", "Emil", "Eric", "Florian", "Frank",
    "Fred", "Frederick", "Gabriel", "George", "Harold", "Harry", "Henry", "Hugo", "Ian", "Ibrahim",
    "Ivan", "Jack", "Jacob", "Jan", "Jason", "Jeremy", "Jim", "Joe", "Johann", "John", "Jonathan",
    "Jordan", "Joseph", "Juan", "Julian", "Kai", "Karim", "Karl", "Kevin", "Kurt", "Leo", "Leonard",
    "Liam", "Luke", "Manuel", "Marco", "Mario", "Mark", "Martin", "Matthew", "Mehmet", "Michael",
    "Mike", "Mohammed", "Nathan", "Nick", "Noah", "Oliver", "Omar", "Oscar", "Pablo",
    "Paul", "Pavel", "Philip", "Ralph", "Richard", "Robert", "Robin", "Roland", "Roman", "Ryan",
    "Samuel", "Sebastian", "Simon", "Stefan", "Theo", "Tim", "Tobi", "Toni", "Valentin", "Victor",
    "Walter", "Yusuf",
)  # fmt: skip
HERS = (
    "Aisha", "Alice", "Amanda", "Amy", "Andrea", "Angela", "Anna", "Anne", "Barbara", "Carla",
    "Carmen", "Caroline", "Catherine", "Charlotte", "Christina", "Claire", "Cora", "Daniela",
    "Diana", "Dorothea", "Edith", "Elena", "Eliza", "Elizabeth", "Ella", "Emily", "Emma", "Erika",
    "Eva", "Fatima", "Fiona", "Gloria", "Greta", "Hanna", "Heidi", "Helen", "Helena", "Ida",
    "Irina", "Isabel", "Jane", "Jasmin", "Jennifer", "Joan", "Johanna", "Judith", "Julia", "Karen",
    "Karin", "Katharina", "Kira", "Lara", "Laura", "Lea", "Leila", "Lena", "Lina", "Linda", "Lisa",
    "Lucy", "Magdalena", "Margaret", "Maria", "Martha", "Maya", "Mia", "Mira", "Miriam", "Monica",
    "Nadia", "Natalie", "Nicole", "Nina", "Nora", "Olivia", "Pamela", "Patricia", "Paula", "Pia",
    "Rachel", "Rebecca", "Rita", "Rosa", "Ruth", "Sandra", "Sara", "Sarah", "Sofia", "Sophie",
    "Stella", "Susan", "Tamara", "Tanja", "Thea", "Ursula", "Vera", "Veronica", "Wilma", "Yasmin",
    "Zoe",
)  # fmt: skip

_ENGLISH = re.compile(r"\bTom\b")
_GERMAN = re.compile(r"\bTom(s?)\b")
# What is said of a man, mostly: pronouns, and what he is, which German says otherwise of a woman.
_OF_A_MAN = re.compile(
    r"\b(he|his|him|himself|boy(friend)?|man|guy|brother|husband|father|son|uncle|nephew|wife"
    r"|beard|make a good"
    r"|(is|was|be|been|became|as|not|still|'s|isn't|wasn't) (an?|no|the|my|your|our|their))\b",
    re.IGNORECASE,
)
_GERMAN_OF_A_MAN = re.compile(
    r"\b(er|ihn|ihm|sein(e[mnrs]?)?|der|ein|kein|einer|einziger?|derjenige|als)\b", re.IGNORECASE
)


def with_other_names(pairs: Pairs, english: bool) -> Pairs:
    """Two of three pairs about Tom with another name on both sides: names are to be copied.

    The English sentence draws the name: of men's alone, where it or the German tells of a man.

    Args:
        pairs: English and German.
        english: whether English is the source.
    """
    renamed = []
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        pair = (source, target) if english else (target, source)
        changed = _renamed(*pair)
        renamed.append(changed if english else changed[::-1])
    return Pairs([source for source, _ in renamed], [target for _, target in renamed])


def _renamed(english: str, german: str) -> tuple[str, str]:
    count = len(_ENGLISH.findall(english))
    draw = zlib.crc32(english.encode())
    if not count or count != len(_GERMAN.findall(german)) or draw % 3 == 0:
        return english, german
    of_a_man = _OF_A_MAN.search(english) or _GERMAN_OF_A_MAN.search(german)
    names = HIS if of_a_man else HIS + HERS
    name = names[draw // 3 % len(names)]
    return _ENGLISH.sub(name, english), _GERMAN.sub(rf"{name}\1", german)
