import { type SpeedOfGenerate, speedOf } from '@weft/bench/inference/speed'
import { llamaSequences } from './llama/llama-cpp.ts'
import { scriptOptions } from './script-options.ts'

/** A process of its own, as each of ours is: llama.cpp's speed, measured by what measures ours, and its most memory. Prints one line of JSON. */
const values = scriptOptions(
  {
    llama: { type: 'string' },
    model: { type: 'string' },
    rows: { type: 'string', default: '1' },
    'prompt-tokens': { type: 'string', default: '110' },
    tokens: { type: 'string', default: '64' },
  },
  { llama: 'FOLDER', model: 'FILE.gguf' },
)
const { llama, model } = values
const rows = Number(values.rows)
const free = await llamaSequences(llama, model, { count: rows })

/** As our engine tells of its tokens. A sequence that nobody reads any more is free for the next. */
const generate: SpeedOfGenerate = async (_, { prompt: { tokens }, maxTokens }) => {
  const sequence = free.pop()
  if (!sequence) throw new Error('more rows at once than sequences')
  await sequence.clearHistory()
  return events()

  async function* events() {
    let count = 0
    try {
      for await (const token of sequence!.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
        yield { token }
        if (++count >= maxTokens) break
      }
    } finally {
      free.push(sequence!)
    }
  }
}
const { first_tokens: _, ...speed } = await speedOf(
  { generate },
  { rows, promptTokens: Number(values['prompt-tokens']), tokens: Number(values.tokens), rounds: 3, vocabulary: 20_000 },
)
console.log(JSON.stringify({ ...speed, peak_mb: Math.round(process.resourceUsage().maxRSS / 1024) }))
process.exit(0)
