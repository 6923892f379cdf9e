import { mail } from '@weft/corpora'

/** Prints the mails that come with the packages as a training file, `{text, label}` rows: what `weft bench train --data` and its peer are given. */
for (const { text, label } of mail()) process.stdout.write(`${JSON.stringify({ text, label })}\n`)
