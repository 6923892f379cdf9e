import { floatTensor, newSigningKey, sha256 } from '@weft/adapters'
import { adapterFile } from '../../test/tiny-model.ts'
import type { Held } from './asks.ts'

/** What an endpoint that makes something answers, as far as it says so. */
export interface Made {
  id: string
  digest: string
  secret: string
  status: string
}

/** What tenants are given to hold. @param make works on a tenant, as the operator does */
export const holdings = (make: (tenant: string, method: string, path: string, body?: unknown) => Promise<Made>) => {
  let made = 0

  /** One of everything, under names of which no two are alike. */
  async function heldBy(tenant: string, prefix: string, tail: string, judge: string): Promise<Held> {
    const names = {
      adapter: `${prefix}/${tail}`,
      sibling: `${prefix}/${tail}s`,
      classifier: `${prefix}/${judge}`,
      route: `${prefix}-route`,
      prefix: `${prefix}/`,
    }
    const rows = '{"text": "a"}\n'
    const lineage = { data: await sha256(new TextEncoder().encode(rows)) }
    const [first, second, sibling, head] = await Promise.all([
      adapterFile({ value: 0.001 * ++made, lineage }),
      adapterFile({ value: 0.001 * ++made, lineage }),
      adapterFile({ value: 0.001 * ++made, lineage }),
      adapterFile({
        state: { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(0.001 * ++made)) } },
        labels: ['spam', 'ham'],
        task: 'SEQ_CLS',
      }),
    ])
    const { digest } = await make(tenant, 'POST', `/v1/adapters?name=${names.adapter}`, first)
    await make(tenant, 'POST', `/v1/adapters?name=${names.adapter}`, second)
    await make(tenant, 'POST', `/v1/adapters?name=${names.sibling}`, sibling)
    await make(tenant, 'POST', `/v1/adapters?name=${names.classifier}`, head)
    for (const carrier of [names.adapter, names.sibling]) await make(tenant, 'PUT', `/v1/adapters/${carrier}@1/probes`, { data: [{ text: prefix }] })
    await make(tenant, 'PUT', `/v1/adapters/${names.adapter}/aliases/prod`, { version: 2 })
    for (const strength of ['', '0.5*']) await make(tenant, 'PUT', `/v1/routes/${names.route}`, { composition: `base + ${strength}${names.adapter}` })
    const upload = async (purpose: string, line: string) => {
      const body = new FormData()
      body.set('purpose', purpose)
      body.set('file', new File([line], `${prefix}.jsonl`))
      return (await make(tenant, 'POST', '/v1/files', body)).id
    }
    const file = await upload('fine-tune', rows)
    const line = { custom_id: 'a', method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: 'a' } }
    const batchFile = await upload('batch', `${JSON.stringify(line)}\n`)
    const job = await make(tenant, 'POST', '/v1/fine_tuning/jobs', { model: 'base', training_file: file, suffix: `${prefix}/trained` })
    const spare = await upload('batch', `${JSON.stringify(line)}\n`)
    const batch = await make(tenant, 'POST', '/v1/batches', { input_file_id: spare, endpoint: '/v1/completions', completion_window: '24h' })
    const response = await make(tenant, 'POST', '/v1/responses', { model: 'base', input: prefix })
    const key = await make(tenant, 'POST', '/v1/keys', { role: 'caller' })
    const signingKey = (await newSigningKey()).keyId
    await make(tenant, 'PUT', `/v1/signing_keys/${encodeURIComponent(signingKey)}`, {})
    await make(tenant, 'PUT', '/v1/shares', { prefix: names.prefix, reader: 'friend' })
    return { ...names, digest, file, batchFile, job: job.id, batch: batch.id, response: response.id, key: key.id, signingKey }
  }

  /** With a settlement of its adapters, which may not be deleted then, nor be settled again. */
  async function settledBy(tenant: string, held: Held): Promise<Held> {
    const expression = `${held.adapter}@1 + ${held.sibling}`
    return { ...held, settlement: (await make(tenant, 'POST', '/v1/fine_tuning/settlements', { expression })).id }
  }

  return { heldBy, settledBy }
}
