"""What the search does not look for, in words for a report: said there and on the scorecard, never silently skipped."""

UNTESTED = (
    "places packed as numbers and rounded",
    "encrypted archives; keys of more than one byte; a key of one byte over text beyond ASCII",
    "texts of over 512 bytes backwards or in ROT13, unless something in them says so; of over 64 KB, what stands more "
    "than 64 KB from it",
    "digests as raw bytes in binaries of over 64 KB",
    "base85, Ascii85 and rarer alphabets in text that stands inside binary data",
    "numbers written in groups with nothing but spaces between them, read backwards",
    "packed data behind JSON escapes that holds a percent code by chance",
    "subtitles that split a value over two cues, Chinese and Japanese number words, Italian and Dutch "
    "spoken digits, short texts in DOS code pages or Shift-JIS",
    "base58check, xxencode, XXH digests, quadkeys",
    "the bytes of a PNG's pixels (what a person could read in the picture is, with tesseract)",
    "letters replaced by figures that look alike (leet); Arabic, Greek and GOST spellings of names in Latin letters",
    "e-mail addresses without their dots or as host!user; a house number as a range or with a letter the file has not",
    "bech32, SHAKE digests, a text as one decimal number or in base 36 letter by letter, bytes swapped in pairs",
    "text messages packed into seven bits, base64 in lines of under twelve signs, dumps in a format of one's own",
    "strings that a linker put together with nothing between them (Rust, Go)",
    "coordinates in radians or with an exponent",
    "names by how they sound, unless asked for (`sounds_alike`)",
    "initials that are words (a, i) or stand behind a family name",
    "given names and family names that several households share; cities, states, postal codes",
    "values split over separate responses",
    "salted hashes and ciphers whose key is not known",
    "waveform peaks as a copy of the sound; sound is judged by the spoken_secrets check",
    "order and lengths of responses (twin runs)",
)
