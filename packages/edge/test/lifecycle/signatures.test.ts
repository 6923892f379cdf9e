import { newSigningKey, printSignature, readSigningKey, type SigningKey, sha256 } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { publishAdapter } from '../../src/adapters/publish.ts'
import { tokens } from '../../src/tokens.ts'
import { deployed } from '../deployed.ts'
import { adapterFile, model, script } from '../edge.ts'

beforeEach(() => script())

const newKey = async (): Promise<SigningKey> => readSigningKey((await newSigningKey()).pem)
const signed = async (key: SigningKey, file: Uint8Array): Promise<string> => printSignature(await key.sign(await sha256(file)))

test('a publication that must be signed: bad, missing, unknown and expired signatures are refused, and nothing is stored', async () => {
  const [key, other, old] = [await newKey(), await newKey(), await newKey()]
  const { publish, ask } = deployed({ signing: { keys: [{ id: key.keyId }, { id: old.keyId, expires: '2020-01-01' }], publish: ['signed/'] } })
  const file = await adapterFile({ value: 0.25 })
  const refusals: [string | undefined, number, string][] = [
    [undefined, 403, 'signature_missing'],
    ['ed25519:x', 400, 'signature_malformed'],
    [await signed(key, await adapterFile({ value: 0.5 })), 422, 'signature_invalid'],
    [await signed(other, file), 403, 'signature_key_unknown'],
    [await signed(old, file), 403, 'signature_key_expired'],
  ]
  for (const [signature, http, code] of refusals) expect(await publish('signed/a', file, signature)).toMatchObject({ http, error: { code } })
  expect(await ask('/v1/adapters/signed/a')).toMatchObject({ http: 404 })
  expect(await publish('signed/a', file, await signed(key, file))).toMatchObject({ http: 201, signature: { key_id: key.keyId, standing: 'valid' } })
  // Where none is asked for, one that is there must still be good; a key that nobody knows is shown as such.
  expect(await publish('free/a', file)).toMatchObject({ http: 201 })
  expect(await publish('free/a', file, refusals[2]![0])).toMatchObject({ http: 422 })
  expect(await publish('free/a', file, refusals[4]![0])).toMatchObject({ http: 403 })
  expect(await publish('free/a', file, await signed(other, file))).toMatchObject({ http: 201, signature: { standing: 'unknown_key' } })
})

test('an adapter that must be signed to be used answers as long as its key is trusted', async () => {
  const key = await newKey()
  const free = deployed({})
  const strict = deployed({ signing: { load: ['used/'] } })
  const file = await adapterFile({ value: 0.75 })
  await free.publish('used/bare', file)
  await free.publish('used/a', file, await signed(key, file))
  expect(await strict.explain('used/bare')).toMatchObject({ http: 403, error: { code: 'signature_missing' } })
  expect(await strict.explain('used/a')).toMatchObject({ http: 403, error: { code: 'signature_key_unknown' } })
  const path = `/v1/signing_keys/${key.keyId}`
  // It had expired when the adapter was published; then it is given time, and afterwards taken back.
  for (const more of [{}, { expires_at: 1 }]) await strict.ask(path, { method: 'PUT', body: JSON.stringify({ name: 'release', ...more }) })
  expect(await strict.explain('used/a')).toMatchObject({ http: 403, error: { code: 'signature_key_expired' } })
  expect(await strict.ask(path, { method: 'PUT', body: JSON.stringify({ name: 'release' }) })).toMatchObject({ http: 200, id: key.keyId, source: 'tenant' })
  expect((await strict.ask('/v1/signing_keys')).data).toMatchObject([{ id: key.keyId, name: 'release', expires_at: null }])
  expect(await strict.explain('used/a')).toMatchObject({ http: 200 })
  expect(await strict.ask(path, { method: 'DELETE' })).toMatchObject({ deleted: true })
  expect(await strict.explain('base + 0.5*used/a')).toMatchObject({ http: 403, error: { code: 'signature_key_unknown' } })
  expect(await free.explain('used/a')).toMatchObject({ http: 200 })
  expect(await strict.ask(path, { method: 'DELETE' })).toMatchObject({ http: 404, error: { code: 'signing_key_not_found' } })
  expect(await strict.ask('/v1/signing_keys/ed25519:x', { method: 'PUT', body: '{}' })).toMatchObject({ http: 400 })
})

test("what jobs publish is signed by the deployment's own key; without one a job that could not be published is not made", async () => {
  const { pem, keyId } = await newSigningKey()
  const { container, ask } = deployed({ signing: { publish: true, load: true } }, { SIGNING_KEY: pem })
  const supervision = container.get(tokens.supervise)('default')
  await publishAdapter(supervision, { name: 'job/signed', bytes: await adapterFile({ value: 2 }), models: [model], jobId: 'ftjob-signed' })
  expect(await ask('/v1/adapters/job/signed')).toMatchObject({ signature: { key_id: keyId, standing: 'valid' } })
  expect((await ask('/v1/signing_keys')).data).toMatchObject([{ id: keyId, source: 'deployment' }])
  expect(await ask(`/v1/signing_keys/${keyId}`, { method: 'DELETE' })).toMatchObject({ http: 409, error: { code: 'signing_key_is_configured' } })
  const body = JSON.stringify({ model: 'base', training_file: 'file-x', suffix: 'job/unsigned', method: { type: 'lora' } })
  expect(await deployed({ signing: { publish: true } }).ask('/v1/fine_tuning/jobs', { method: 'POST', body })).toMatchObject({
    http: 403,
    error: { code: 'signature_missing', param: 'suffix' },
  })
})

test("a deployment's own key that cannot sign is refused before a job trains, and nothing of it is shown", async () => {
  const body = JSON.stringify({ model: 'base', training_file: 'file-x', suffix: 'job/unsigned', method: { type: 'lora' } })
  for (const SIGNING_KEY of ['secret', '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----']) {
    const refused = await deployed({}, { SIGNING_KEY }).ask('/v1/fine_tuning/jobs', { method: 'POST', body })
    expect(refused).toMatchObject({ http: 500, error: { code: 'signing_key_malformed', message: expect.stringContaining('SIGNING_KEY') } })
    expect(JSON.stringify(refused)).not.toContain('secret')
  }
})
