/**
 * Learns the bundled model's tokenizer from the train parts of the three corpora and writes it into the model's folder.
 *
 * Usage: npx node packages/base-model/src/train-tokenizer.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { config } from './config.ts'
import { folder } from './folder.ts'
import { countWords } from './tokenizer/count-words.ts'
import { learnMerges } from './tokenizer/merges.ts'
import { SPECIAL_TOKENS, tokenizerConfig, tokenizerJson } from './tokenizer/tokenizer-json.ts'

const started = performance.now()
const counts = countWords()
console.log(`${counts.size} kinds of words in the train parts`)
const merges = learnMerges(counts, config.vocab_size - SPECIAL_TOKENS.length - 256)
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizerJson(merges))}\n`)
writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(tokenizerConfig, null, 2)}\n`)
console.log(`${merges.length} merges learned in ${((performance.now() - started) / 1000).toFixed(0)} s, written to ${folder}`)
