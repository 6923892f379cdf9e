/**
 * Measures the bundled model on the held-out parts, beside a unigram model and general compressors, and writes the
 * table into the model card.
 *
 * Usage: npx node packages/base-model/src/evaluate.ts [--json] [--fast]
 *
 * `--fast` leaves the compressors' pass over the train parts out, which takes most of the time.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CorpusName, corpora, split } from '@weft/corpora'
import { FileWeights, readHeader } from '@weft/model'
import { config } from './config.ts'
import { compressedBits } from './evaluation/compressors.ts'
import { modelBits } from './evaluation/model-bits.ts'
import { inserted, type Measured, markdownTable } from './evaluation/table.ts'
import { unigramBits } from './evaluation/unigram.ts'
import { folder } from './folder.ts'
import { tokenizeCorpora } from './pretraining/corpus.ts'
import { fullEngine } from './pretraining/engine.ts'

const { values: options } = parseArgs({ options: { json: { type: 'boolean' }, fast: { type: 'boolean' } } })
const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(text)
}

const tokenized = await tokenizeCorpora()
using engine = await fullEngine(new FileWeights(readHeader(join(folder, 'model.safetensors'))), availableParallelism())
const rows: Measured[] = []
for (const [name, read] of Object.entries(corpora)) {
  const { train, heldOut } = tokenized[name as CorpusName]
  const { bits, tokens } = await modelBits(engine, heldOut, { length: 512, stride: 256, rows: 8 }, (share) =>
    say(`\r${name}: ${(100 * share).toFixed(0)} %   `),
  )
  const parts = split(read())
  const text = (documents: { text: string }[]): Buffer => Buffer.from(documents.map((document) => document.text).join('\n'))
  const heldOutText = text(parts.heldOut)
  say('compressing …')
  rows.push({
    corpus: name,
    bytes: heldOutText.length,
    tokens,
    modelBits: bits,
    unigramBits: unigramBits(train, heldOut, config.vocab_size),
    compressed: compressedBits(options.fast ? Buffer.alloc(0) : text(parts.train), heldOutText),
  })
  say('\r\x1b[K')
}
const table = markdownTable(rows)
console.log(options.json ? JSON.stringify(rows) : table)
const card = join(folder, 'README.md')
if (!options.fast) writeFileSync(card, inserted(readFileSync(card, 'utf8'), table))
