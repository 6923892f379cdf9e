import { beforeEach, expect, test } from 'vitest'
import { edge, json, post, script } from '../edge.ts'
import { cancelled, report, spoken, submitted, taken } from './job-steps.ts'

beforeEach(() => script())

test('jobs of two tenants share no joint batch, whatever word they have in common', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const words: string[] = []
  const keyOf = async (tenant: string): Promise<string> => (await json(post('/v1/keys', { tenant, role: 'admin', new_tenant: true }))).secret
  const [one, other] = [await keyOf('joint-one'), await keyOf('joint-other')]
  for (const secret of [one, one, other]) {
    const headers = { authorization: `Bearer ${secret}` }
    const form = new FormData()
    form.set('purpose', 'fine-tune')
    form.set('file', new File([spoken], 'training.jsonl'))
    const { id: training_file } = await json(edge('/v1/files', { method: 'POST', body: form, headers }))
    const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } }
    const made = await json(post('/v1/fine_tuning/jobs', { model: 'base', training_file, method, joint: 'night' }, { headers }))
    expect(made).toMatchObject({ http: 200, joint: 'night' })
    words.push(((await submitted(made.id))!.body as { spec: { joint: string } }).spec.joint)
    await json(post(`/v1/fine_tuning/jobs/${made.id}/cancel`, {}, { headers }))
  }
  // A runner gathers by this word, and knows of no tenants.
  expect(words[1]).toBe(words[0])
  expect(words[2]).not.toBe(words[0])
  expect(Math.max(...words.map(({ length }) => length))).toBeLessThanOrEqual(64)
})
