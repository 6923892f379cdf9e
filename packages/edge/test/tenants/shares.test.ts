import { expect, test } from 'vitest'
import { edge, json, post } from '../edge.ts'

const create = (body: object) => json(post('/v1/keys', body))
/** @param secret whose; the local key's, an operator's, without one */
const share = (reader: string, secret?: string) =>
  json(
    edge('/v1/shares', {
      method: 'PUT',
      body: JSON.stringify({ prefix: 'gift/', reader }),
      ...(secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } }),
    }),
  )

test('an operator hears that there is no tenant to share with, until there is one; a tenant hears nothing of others', async () => {
  expect(await share('not-yet')).toMatchObject({ http: 200, reader: 'not-yet', reader_known: false })
  expect(await share('*')).toMatchObject({ reader_known: true })
  await create({ tenant: 'not-yet', role: 'caller', new_tenant: true })
  const { data } = await json(edge('/v1/shares'))
  expect(data).toContainEqual({ object: 'share', owner: 'default', prefix: 'gift/', reader: 'not-yet', reader_known: true })

  const { secret } = await create({ tenant: 'not-yet', role: 'admin' })
  const answers = ['acme', 'nobody-at-all'].map((reader) => share(reader, secret))
  for (const answer of await Promise.all(answers)) expect(answer).not.toHaveProperty('reader_known')
})
