"""Where a running Weft answers, as `npm run test:clients` says, and what a program of a client may ask it."""

import os

base_url = os.environ["OPENAI_BASE_URL"]
api_key = os.environ["OPENAI_API_KEY"]
#: A base model that generates, and one that embeds.
model = os.environ["WEFT_MODEL"]
encoder = os.environ["WEFT_ENCODER"]
#: An adapter that generates, and a classifier of mails with the labels `spam` and `ham`.
style = os.environ["WEFT_STYLE"]
classifier = os.environ["WEFT_CLASSIFIER"]
