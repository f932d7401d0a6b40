"""The page's HTML as the site needs it: what only a server offers taken out."""

import re

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
DESCRIPTION = "Splits a song into drums and everything else, in your browser alone."
_POLICY = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
_HEAD = f"""  <meta name="description" content="{DESCRIPTION}">
  <meta name="theme-color" content="#14202b">
  <link rel="manifest" href="manifest.webmanifest">
  <link rel="apple-touch-icon" href="icon-192.png">
  <link rel="stylesheet" href="site.css">
  <script type="module" src="install.js"></script>
</head>"""
_FOOTER = (
    "<p>Your songs stay on this device: the work is done in the browser, which needs no network "
    'once the page has loaded. <a href="licences.txt">Licences</a></p>'
)
# What is replaced, each exactly once, and by what.
_CHANGES = (
    (r'<meta charset="utf-8">', rf"\g<0>\n  {_POLICY}"),
    (r"</head>", _HEAD),
    (r'<p>[^\n]*<a href="openapi\.json">[^\n]*</p>', _FOOTER),
    (r'\n *<option value="flac">[^\n]*</option>', ""),
    (r'(?:\n *<option value="mp3 \d+">[^\n]*</option>)+', ""),
    (r">the song's format</option>", ">WAV, as exact as the song</option>"),
    (r'\n *<option value="wav">[^\n]*</option>', ""),
)


def adapted(page: str) -> str:
    """Return the page's HTML for the site.

    Raises
    ------
    ValueError
        If the page is not the one that this was written for.
    """
    for pattern, replacement in _CHANGES:
        page, count = re.subn(pattern, replacement, page)
        if count != 1:
            raise ValueError(f"the page has {count} places like {pattern!r}, not one")
    return page
