"""Telling thanks from a request, in English and Indonesian. Pure."""

import re
import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_THANKS = _words(
    """
    thanks thank thx thnx tnx ty tysm tq cheers appreciated appreciate great perfect awesome excellent brilliant ok okay
    cool nice wonderful amazing fantastic lovely solved fixed works worked working resolved
    oke okey okee makasih makasi mksh trims trimakasih terimakasih terima kasih tks suwun nuhun sip siap mantap mantul
    beres bagus aman lancar bisa
    """
)
"""One of these has to occur."""
_FILLERS = _words(
    """
    a all am again and both bunch done everything for from good guys help helped helping i it its job kind like lot many
    million much my now of quick really sir so support team that thats the this to ton tons u very work yeah yep yes you
    your yours yup
    atas banget bang banyak bantuan bantuannya bapak berhasil bgt bu dah dan ibu ini itu iya ka kak kakak kembali lagi
    mas mbak min normal oiya pak sangat sdh sekali semua semuanya sudah tim udah ya
    """
)
"""These may stand beside them; any other word might say that something is still wrong."""
_UNHAPPY_EMOJI = frozenset("👎😡😠🤬😤😞😢😭❌🚫⛔❓❔⁉🆘🤔😕🙁☹💔🐛🔥🚨⚠")
_UNHAPPY_SHORTCODES = _words(
    """
    -1 thumbsdown x no_entry no_entry_sign rage angry face_with_symbols_on_mouth triumph disappointed cry sob question
    grey_question interrobang sos thinking_face confused slightly_frowning_face white_frowning_face broken_heart bug
    fire rotating_light warning
    """
)
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-\d)?:")
_MENTION = re.compile(r"<[@!#][^>]*>")
_WORD = re.compile(r"[^\W\d_]+")


def is_thanks(text: str) -> bool:
    """Whether a message only thanks or acknowledges, in words or emoji, so that it asks for nothing.

    Cautious: a word that is not known to be harmless, a digit, a question mark or an unhappy emoji, and it is not
    thanks. A ticket reopened for nothing is closed by a click, one that was not reopened is forgotten.
    """
    shortcodes = _SHORTCODE.findall(text)
    if any(code in _UNHAPPY_SHORTCODES for code in shortcodes):
        return False
    if any(character in _UNHAPPY_EMOJI or character in "?？" for character in text):
        return False
    plain = _MENTION.sub(" ", _SHORTCODE.sub(" ", text)).casefold().replace("'", "").replace("’", "")
    if any(character.isdigit() for character in plain):
        return False
    words = _WORD.findall(plain)
    if not words:
        return bool(shortcodes) or any(unicodedata.category(character) == "So" for character in text)
    return any(word in _THANKS for word in words) and all(word in _THANKS or word in _FILLERS for word in words)
