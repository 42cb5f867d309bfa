#!/usr/bin/env bash
# Make the fixtures of formats: 1.2 seconds of a 440 Hz tone, a 700 Hz tone on the second channel. Needs ffmpeg and sox.
set -euo pipefail
cd "$(dirname "$0")/formats"
one=(-f lavfi -i "sine=frequency=440:sample_rate=8000:duration=1.2")
two=("${one[@]}" -f lavfi -i "sine=frequency=700:sample_rate=8000:duration=1.2" -filter_complex "[0][1]amerge=inputs=2,volume=0.5dB")
encode() { ffmpeg -nostdin -loglevel error -y -bitexact "$@"; }
for codec in pcm_u8 pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_mulaw pcm_alaw adpcm_ima_wav adpcm_ms; do
  encode "${two[@]}" -c:a "$codec" "$codec.wav"
done
encode "${two[@]}" -c:a libmp3lame -b:a 32k mp3.mp3
encode "${two[@]}" -c:a aac -b:a 32k aac.m4a
encode "${two[@]}" -c:a aac -b:a 32k adts.aac
encode "${two[@]}" -ar 16000 -c:a libopus -b:a 32k opus.ogg
encode "${two[@]}" -ar 16000 -c:a libopus -b:a 32k opus.webm
encode "${two[@]}" -ar 16000 -c:a libvorbis vorbis.ogg
encode "${two[@]}" -c:a flac flac.flac
encode "${two[@]}" -c:a wmav2 -b:a 32k wma.wma
encode "${two[@]}" -c:a pcm_mulaw mulaw.au
encode "${two[@]}" -c:a pcm_s16be pcm.aiff
encode "${two[@]}" -c:a pcm_s16le pcm.caf
encode "${one[@]}" -c:a pcm_s16le mono.wav
python3 - <<'PYTHON'
import av  # Debian's ffmpeg has no AMR encoder, PyAV has one
for name in ("amr.amr", "amr.3gp"):
    with av.open("mono.wav") as source, av.open(name, "w") as target:
        stream = target.add_stream("libopencore_amrnb", rate=8_000, layout="mono")
        stream.bit_rate = 12_200
        stream.codec_context.open()
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8_000, frame_size=160)
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode(None))
PYTHON
rm mono.wav
encode "${one[@]}" -f mulaw mono.ulaw
encode "${two[@]}" -f s16le stereo.pcm
encode "${two[@]}" -ac 2 -c:a pcm_s16le four.source.wav
encode -i four.source.wav -filter_complex "[0]pan=4c|c0=0.05*c0|c1=c0|c2=0*c0|c3=c1" -c:a pcm_s16le four.wav
rm four.source.wav
sox -n -r 8000 -c 1 -e gsm gsm.gsm synth 1.2 sine 440 vol 0.125
sox -n -r 8000 -c 1 -e gsm gsm.wav synth 1.2 sine 440 vol 0.125
