"""What the kinds of tags call the same thing. Ours are the names of Vorbis comments."""

# ID3v2.4 frames.
ID3 = {
    **{"TIT2": "title", "TIT1": "grouping", "TIT3": "subtitle", "TPE1": "artist"},
    **{"TPE2": "albumartist", "TPE3": "conductor", "TPE4": "remixer", "TALB": "album"},
    **{"TDRC": "date", "TDOR": "originaldate", "TCON": "genre", "TCOM": "composer"},
    **{"TEXT": "lyricist", "TBPM": "bpm", "TKEY": "initialkey", "TSRC": "isrc"},
    **{"TCOP": "copyright", "TPUB": "publisher", "TENC": "encodedby", "TLAN": "language"},
    **{"TMOO": "mood", "TMED": "media", "TSOP": "artistsort", "TSOA": "albumsort"},
    **{"TSOT": "titlesort", "TSO2": "albumartistsort", "TSOC": "composersort"},
    **{"TCMP": "compilation", "TSST": "discsubtitle", "TOPE": "originalartist"},
    **{"TOAL": "originalalbum"},
}
# Atoms of MP4 that hold text, numbers or truth; copyright signs as latin-1 has them.
MP4 = {
    **{"\xa9nam": "title", "\xa9ART": "artist", "aART": "albumartist", "\xa9alb": "album"},
    **{"\xa9day": "date", "\xa9gen": "genre", "\xa9wrt": "composer", "\xa9cmt": "comment"},
    **{"\xa9lyr": "lyrics", "\xa9grp": "grouping", "tmpo": "bpm", "cprt": "copyright"},
    **{"desc": "description", "cpil": "compilation", "soar": "artistsort"},
    **{"soal": "albumsort", "sonm": "titlesort", "soaa": "albumartistsort"},
    **{"soco": "composersort"},
}
# Attributes of ASF (WMA).
ASF = {
    **{"title": "title", "author": "artist", "copyright": "copyright"},
    **{"description": "comment", "wm/albumtitle": "album", "wm/albumartist": "albumartist"},
    **{"wm/year": "date", "wm/genre": "genre", "wm/tracknumber": "tracknumber"},
    **{"wm/partofset": "discnumber", "wm/composer": "composer", "wm/isrc": "isrc"},
    **{"wm/beatsperminute": "bpm", "wm/initialkey": "initialkey", "wm/lyrics": "lyrics"},
    **{"wm/publisher": "publisher", "wm/conductor": "conductor", "wm/mood": "mood"},
}
# Of APEv2, ffmpeg and others where they differ from Vorbis comments.
OTHERS = {
    **{"track": "tracknumber", "disc": "discnumber", "year": "date", "key": "initialkey"},
    **{"album artist": "albumartist", "album_artist": "albumartist", "tbpm": "bpm"},
    **{"tkey": "initialkey", "tsrc": "isrc", "initial key": "initialkey"},
    **{"id3v1 comment": "comment"},
}
# Chunks within LIST-INFO of RIFF.
INFO = {
    **{b"INAM": "title", b"IART": "artist", b"IPRD": "album", b"ICRD": "date"},
    **{b"IGNR": "genre", b"ITRK": "tracknumber", b"ICMT": "comment", b"ICOP": "copyright"},
    **{b"IENG": "engineer", b"IMUS": "composer", b"IKEY": "keywords", b"IBPM": "bpm"},
    **{b"IPRT": "tracknumber"},
}
# Chunks of AIFF.
AIFF = {b"NAME": "title", b"AUTH": "artist", b"(c) ": "copyright", b"ANNO": "comment"}

# About how a file was coded, false of another.
OF_THE_CODING = (
    *("encoder", "encoder_options", "encoding", "itunsmpb", "gapless playback", "tsse"),
    *("major_brand", "minor_version", "compatible_brands", "encoder settings", "isft"),
    *("waveformatextensible_channel_mask", "tlen", "length", "duration", "vendor_id"),
)
