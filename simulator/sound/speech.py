"""Text to speech with the position of every word, by the maker of the voice: espeak-ng or Piper's network."""

from simulator.sound import espeak, neural
from simulator.sound.timed_speech import Speech as Speech
from simulator.sound.timed_speech import SpeechError as SpeechError
from simulator.sound.timed_speech import TimedWord as TimedWord
from simulator.sound.voices import Voice


def say(text: str, voice: Voice) -> Speech:
    """Speak `text`. The same text and voice always give the same samples.

    Raises:
        SpeechError: no synthesiser, an unknown voice, or nothing to say.
    """
    if not text.split():
        raise SpeechError("there is nothing to say")
    return neural.say(text, voice) if voice.maker == "piper" else espeak.say(text, voice)
