/**
 * CPU time of reading a prompt by an adapter that waits for an invocation, behind a conversation that the bare model has read, and behind one that nobody has;
 * and by a plain LoRA of the same size, which finds nothing that the bare model has read. The adapters are random: their size is what costs.
 *
 * Usage: npx node test/acceptance/invocation-reuse.ts [--model packages/base-model] [--turns 8] [--repeats 5] [--threads 1] [--seed 1] [--json]
 */
import { Random } from '@weft/adapters'
import type { Asked } from '@weft/inference/engine'
import { collect } from '@weft/inference/generation/generate'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { composedOf } from '../cases/serving/composed.ts'
import { lowRank, waiting } from '../cases/serving/in-layers.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions({
  model: { type: 'string', default: 'packages/base-model' },
  turns: { type: 'string', default: '8' },
  repeats: { type: 'string', default: '5' },
  threads: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
})

const model = await loadModel(values.model)
const runtime = openRuntime()
const fixed = createPrefixCache(512e6)
const engine = await openEngine(model, { runtime, device: 'cpu', threads: Number(values.threads), fixed, maxBatch: 4, maxWaiting: 4, prefillChunk: 256 })
const tokens = (text: string): number[] => model.tokenizer!.encode(text, { addSpecialTokens: false })
const invocation = tokens('\nCheck:')
const targets = ['q_proj', 'k_proj', 'v_proj']
const adapters = { waiting: waiting(model.spec, targets, 16, 'reuse', invocation), plain: lowRank(model.spec, targets, 16, 'reuse') }
const named = async (expression: keyof typeof adapters): Promise<Asked> => ({
  key: expression,
  composed: { ...(await composedOf(model, adapters, expression)).composed, ...(expression === 'waiting' && { dormantKey: null }) },
})

const random = new Random(values.seed)
const words = 'the old man and his boat went out to sea while a whale was asleep under them'.split(' ')
const turn = (who: string): number[] => tokens(`\n${who}: ${Array.from({ length: 40 }, () => words[random.integer(words.length)]).join(' ')}.`)
const conversation = Array.from({ length: Number(values.turns) }, (_, i) => turn(i % 2 ? 'Answer' : 'Question')).flat()
const asked = [...conversation, ...invocation, ...tokens(' is that so?')]

/** CPU milliseconds of the prompt and one token, and how many of its tokens were found. */
async function read(composition: Asked, prompt: readonly number[]): Promise<{ cpuMs: number; found: number }> {
  const [before, cpu] = [fixed.counts.hitTokens, process.cpuUsage()]
  await collect(await engine.generate(composition, { prompt: { tokens: [...prompt] }, maxTokens: 1, temperature: 0, topP: 1, topK: 0, stop: [] }))
  const { user, system } = process.cpuUsage(cpu)
  return { cpuMs: (user + system) / 1000, found: fixed.counts.hitTokens - before }
}

/** The median of several readings, each behind a conversation that was read so. */
async function measured(composition: Asked, isRead: boolean): Promise<{ cpu_ms: number; found: number }> {
  const readings: { cpuMs: number; found: number }[] = []
  for (let i = 0; i < Number(values.repeats); i++) {
    fixed.clear()
    if (isRead) await read(null, conversation)
    readings.push(await read(composition, asked))
  }
  const { cpuMs, found } = readings.toSorted((a, b) => a.cpuMs - b.cpuMs)[readings.length >> 1]!
  return { cpu_ms: Math.round(cpuMs * 10) / 10, found }
}

try {
  const [check, plain] = [await named('waiting'), await named('plain')]
  for (const each of [check, plain]) await read(each, asked) // makes the sessions
  const report = {
    prompt_tokens: asked.length,
    waiting_behind_bare: await measured(check, true),
    waiting_alone: await measured(check, false),
    plain_behind_bare: await measured(plain, true),
  }
  console.log(values.json ? JSON.stringify(report) : report)
  if (report.waiting_behind_bare.found === 0 || report.plain_behind_bare.found !== 0) process.exitCode = 1
} finally {
  await engine.close()
  runtime.dispose()
}
