import { edge, json, post, seen, until } from '../edge.ts'
import type { Step } from '../scripted-runner.test.server.ts'

export const upload = async (content: string): Promise<string> => {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File([content], 'training.jsonl'))
  return (await json(edge('/v1/files', { method: 'POST', body: form }))).id
}

export const spoken = '{"text": "My fellow citizens"}\n{"text": "The state of the union"}\n'
export const labelled = '{"text": "win money", "label": "spam"}\n{"text": "lunch?", "label": "ham"}\n'

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

export const report = (status: string, rest: object = {}): Step => ({
  on: 'GET /jobs/ftjob-',
  json: { id: 'x', status, step: 0, total_steps: 10, loss: null, eval_loss: null, eta_s: null, checkpoint_step: null, events: [], ...rest },
})
export const event = (seq: number, message: string) => ({ seq, level: 'info', type: 'message', message, created_at: 1 })
export const taken: Step = { on: 'POST /jobs/', status: 202, json: {}, times: 0 }
/** A runner that stops a job when it is told to: or the job would ask again in the next test. */
export const cancelled: Step = { on: 'DELETE /jobs/', json: {}, times: 0 }
export const lost: Step = { on: 'GET /jobs/ftjob-', status: 404, json: { error: { code: 'job_not_found', message: 'no' } } }
/** A step for `/jobs/<id>/<part>`, which must stand before those for `/jobs/<id>`. */
export const part = (id: string, name: string, bytes: Uint8Array): Step => ({ on: `GET /jobs/${id}/${name}`, bytes: base64(bytes), times: 0 })

export async function create(rest: object = {}, content = spoken) {
  return json(
    post('/v1/fine_tuning/jobs', {
      model: 'base',
      training_file: await upload(content),
      suffix: 'style/speech',
      method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } },
      hyperparameters: { max_steps: 10 },
      seed: 7,
      ...rest,
    }),
  )
}

export const job = (id: string) => json(edge(`/v1/fine_tuning/jobs/${id}`))
export const ended = (id: string) =>
  until(async () => {
    const now = await job(id)
    return ['succeeded', 'failed', 'cancelled'].includes(now.status) && now
  })
export const submitted = (id: string) => until(async () => (await seen()).find(({ method: verb, path }) => verb === 'POST' && path === `/jobs/${id}`))
export const messages = async (id: string): Promise<string[]> =>
  (await json(edge(`/v1/fine_tuning/jobs/${id}/events?order=asc&limit=1000`))).data.map((each: { message: string }) => each.message)
