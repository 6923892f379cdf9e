import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

// Each starts a process of its own, which reads a corpus and trains.
vi.setConfig({ testTimeout: 240_000 })

const root = join(import.meta.dirname, '..')
const examples = join(root, 'docs/examples')
const run = promisify(execFile)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-examples-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What an example prints on a model so small that it takes seconds. */
async function outputOf(example: string, config: object): Promise<string> {
  const model = join(folder, `${example}.json`)
  await writeFile(model, JSON.stringify({ vocab_size: 4096, ...config }))
  const { stdout } = await run(process.execPath, [join(examples, `${example}.ts`), model], { cwd: root })
  return stdout
}

/** The numbers of each line `what: numbers`. */
function numbersIn(output: string): Record<string, number[]> {
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => {
        const [what, rest = ''] = line.split(/: (.*)/s)
        return [what, (rest.match(/-?\d+(\.\d+)?/g) ?? []).map(Number)]
      }),
  )
}

const llama = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  initializer_range: 0.1,
  eos_token_id: 0,
}
const gpt2 = { model_type: 'gpt2', n_embd: 16, n_layer: 2, n_head: 2, n_positions: 256, initializer_range: 0.1, eos_token_id: 0 }

describe('every example', async () => {
  const files = (await readdir(examples)).filter((file) => file.endsWith('.ts'))
  test.each(files)('%s is short and uses public packages alone', async (file) => {
    const text = await readFile(join(examples, file), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(40)
    for (const [, specifier] of text.matchAll(/from '([^']+)'/g)) expect(specifier).toMatch(/^(@weft\/[\w-]+|node:\w+(\/\w+)?)$/)
    expect(await readFile(join(examples, 'README.md'), 'utf8')).toContain(`docs/examples/${file}`)
  })
})

const bert = {
  model_type: 'bert',
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 256,
  type_vocab_size: 2,
  pad_token_id: 1,
}

test('p-tuning-v2: two tasks are answered apart, from one prompt', async () => {
  const output = await outputOf('p-tuning-v2', bert)
  expect(output).toContain('one prompt: 20 tokens, classes book/speech, book/whale, mail/ham, mail/spam')
  const lines = numbersIn(output)
  for (const task of ['mail', 'book']) expect(lines[task][1]).toBe(24)
  expect(Math.abs(lines.mail[0] + lines.book[0] - lines['held-out accuracy'][0] * 48)).toBeLessThanOrEqual(6)
})

test('bert-mail: what was measured in training is what classifying gives', async () => {
  const lines = numbersIn(await outputOf('bert-mail', bert))
  const [right, of] = lines['classified rightly']
  expect(of).toBe(60)
  // Texts are cut shorter in training than in use.
  expect(Math.abs(right - lines['held-out accuracy'][0] * of)).toBeLessThanOrEqual(6)
})

test("t5-subjects: PEFT's file and its fields in camelCase train the same bytes", async () => {
  const output = await outputOf('t5-subjects', {
    model_type: 't5',
    d_model: 16,
    d_kv: 8,
    d_ff: 24,
    num_layers: 2,
    num_heads: 2,
    feed_forward_proj: 'relu',
    tie_word_embeddings: true,
    decoder_start_token_id: 1,
    pad_token_id: 1,
    eos_token_id: 0,
  })
  expect(output).toMatch(/the same bytes from PEFT's file: true/)
  expect(output).toMatch(/base writes: .*\nmail\/subject writes: /s)
})

test('lora-prefix: each is turned off without a trace, and acts beside the other', async () => {
  const lines = numbersIn(await outputOf('lora-prefix', llama))
  expect(lines['whale + 0*speech']).toEqual(lines.whale)
  expect(lines['0*whale + 0*speech']).toEqual(lines.base)
  expect(lines.whale[1]).toBeLessThan(lines.base[1])
  for (const alone of ['whale', 'speech']) expect(lines['whale + speech']).not.toEqual(lines[alone])
})

test('p-tuning: both encoders lower the perplexity of what they have not seen, with nothing kept but rows', async () => {
  const lines = numbersIn(await outputOf('p-tuning', gpt2))
  const [base] = lines.base
  for (const encoder of ['mlp', 'lstm']) {
    expect(lines[encoder][0]).toBe(20)
    expect(lines[`base + whale/${encoder}`][0]).toBeLessThan(base)
  }
})

test('prompt-adapter: a branch plugged out is gone, and each plugged in changes what is read', async () => {
  const lines = numbersIn(await outputOf('prompt-adapter', llama))
  expect(lines['trunk + 0*speech']).toEqual(lines.trunk)
  expect(lines['trunk + speech'][0]).toBeLessThan(lines.trunk[0])
  expect(lines['trunk + whale'][1]).toBeLessThan(lines.trunk[1])
})
