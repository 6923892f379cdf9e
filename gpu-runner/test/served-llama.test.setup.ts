import { type Composed, compositionKey, packComposition } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { tinyRunner } from './tiny-runner.test.setup.ts'

/** A runner of a tiny llama, and what its tests ask of it. Its fingerprint is known once it is loaded. */
export function servedLlama() {
  const runner = tinyRunner(writeTinyLlama(), { plugins: [promptTuning] })
  const { app } = runner
  let fingerprint: string
  const generate = (body: object) =>
    app.request('/generate', {
      method: 'POST',
      body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the boat' }, max_tokens: 6, temperature: 0, ...body }),
    })
  return {
    ...runner,
    load: async () => {
      await runner.load()
      const health = (await (await app.request('/health')).json()) as any
      fingerprint = health.models[0].fingerprint
    },
    fingerprint: () => fingerprint,
    generate,
    answer: async (body: object) => (await generate(body)).json() as Promise<any>,
    keyOf: async (name: string) => compositionKey(fingerprint, { text: name } as Parameters<typeof compositionKey>[1]),
    put: (key: string, body: Uint8Array<ArrayBuffer>) => app.request(`/compositions/${key}`, { method: 'PUT', body }),
    pack: (composed: Composed) => packComposition(composed, { fingerprint }),
  }
}

/** Soft prompts of so many rows. */
export const rows = (count: number, seed: string): Composed => ({
  segments: [{ kind: 'rows', rows: randomTensor([count, 32], seed, 0.4) }],
  sites: {},
  longestPrefix: 0,
})
