import type { tinyRunner } from './tiny-runner.test.setup.ts'

export const lines = (n: number) => Array.from({ length: n }, (_, i) => JSON.stringify({ text: `the weft goes over and under ${i}` })).join('\n')

export const jobSpec = (fingerprint: string, over: object = {}) => ({
  job_id: 'ftjob-1',
  name: 'style/a',
  model: { name: 'base', fingerprint },
  method: 'prompt-tuning',
  config: { num_virtual_tokens: 4 },
  task: 'CAUSAL_LM',
  hyperparameters: { max_steps: 6, batch_size: 4, checkpoint_every: 2, ...over },
  seed: 1,
})

/** What a test does with a runner's jobs. */
export function jobsOf({ app }: Pick<ReturnType<typeof tinyRunner>, 'app'>) {
  const job = async (id: string, after = 0) => (await app.request(`/jobs/${id}?after=${after}`)).json() as Promise<any>
  return {
    job,
    async submit(id: string, spec: object, training: string, files: Record<string, Uint8Array<ArrayBuffer>> = {}) {
      const form = new FormData()
      form.set('spec', JSON.stringify(spec))
      form.set('training', new Blob([training]))
      for (const [name, bytes] of Object.entries(files)) form.set(name, new Blob([bytes]))
      const encoded = new Response(form)
      const headers = { 'content-type': encoded.headers.get('content-type')! }
      return app.request(`/jobs/${id}`, { method: 'POST', body: await encoded.arrayBuffer(), headers })
    },
    async ended(id: string) {
      for (;;) {
        const view = await job(id)
        if (['succeeded', 'failed', 'cancelled'].includes(view.status)) return view
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    bytesOf: async (path: string) => new Uint8Array(await (await app.request(path)).arrayBuffer()),
  }
}
