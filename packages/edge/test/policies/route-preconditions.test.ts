import { expect, test } from 'vitest'
import { edge, json } from '../edge.ts'

const put = (headers: Record<string, string>, name = 'seen', composition = 'base') =>
  json(edge(`/v1/routes/${name}`, { method: 'PUT', headers, body: JSON.stringify({ composition }) }))
const moved = (version: number | null) => ({ http: 412, error: { code: 'route_moved', param: 'name', details: { version } } })

test('of two who change what they both saw, one is told that it is another by now', async () => {
  expect(await put({ 'if-match': '"1"' })).toMatchObject(moved(null))
  expect(await put({ 'if-none-match': '*' })).toMatchObject({ http: 200, version: 1 })
  expect(await put({ 'if-none-match': '*' })).toMatchObject(moved(1))
  const seen = (await edge('/v1/routes/seen')).headers.get('etag')!
  expect(seen).toBe('"1"')
  const both = await Promise.all([1, 2].map((n) => put({ 'if-match': seen }, 'seen', `base + "${n}"`)))
  expect(both.map(({ http }) => http).toSorted()).toEqual([200, 412])
  expect(both.find(({ http }) => http === 412)).toMatchObject(moved(2))
  expect((await json(edge('/v1/routes/seen/versions'))).data).toHaveLength(2)
  // What was deleted does not come back by a change that is refused, and its next version is none that was seen.
  await edge('/v1/routes/seen', { method: 'DELETE' })
  expect(await put({ 'if-match': '"2"' })).toMatchObject(moved(null))
  expect(await json(edge('/v1/routes/seen'))).toMatchObject({ http: 404 })
  expect(await put({ 'if-none-match': '*' })).toMatchObject({ http: 200, version: 3 })
  expect(await put({ 'if-none-match': '"3"' })).toMatchObject({
    http: 400,
    error: { param: 'if-none-match', message: expect.stringContaining('is "3"; expected *') },
  })
  expect(await put({ 'if-match': '"3"', 'if-none-match': '*' })).toMatchObject({ http: 400, error: { param: 'if-none-match' } })
  for (const headers of [{ 'if-match': '3' }, { 'if-match': '"v3"' }, { 'if-match': '"3"', 'if-none-match': '*' }] as Record<string, string>[])
    expect(await put(headers)).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  // A route of the deployment's config is version 0.
  expect((await edge('/v1/routes/orator')).headers.get('etag')).toBe('"0"')
  expect(await put({ 'if-none-match': '*' }, 'orator')).toMatchObject(moved(0))
  expect(await put({ 'if-match': '"0"' }, 'orator')).toMatchObject({ http: 200, version: 1 })
  expect(await put({ 'if-match': '"0"' }, 'orator')).toMatchObject(moved(1))
  await edge('/v1/routes/orator', { method: 'DELETE' })
})

test('what is deleted or rolled back is the version that was seen, where that is said', async () => {
  const at = (version: number) => ({ 'if-match': `"${version}"` })
  const remove = (headers: Record<string, string>, name = 'shown') => json(edge(`/v1/routes/${name}`, { method: 'DELETE', headers }))
  const back = (headers: Record<string, string>, body = '') => edge('/v1/routes/shown/rollback', { method: 'POST', headers, body })
  await put({}, 'shown')
  await put({}, 'shown', 'base + "2"')
  expect(await json(back(at(1)))).toMatchObject(moved(2))
  expect(await remove(at(1))).toMatchObject(moved(2))
  expect(await remove({ 'if-none-match': '*' })).toMatchObject(moved(2))
  for (const headers of [{ 'if-match': '2' }, { 'if-match': '"v2"' }, { ...at(2), 'if-none-match': '*' }] as Record<string, string>[])
    for (const refused of [await remove(headers), await json(back(headers))]) expect(refused).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  expect(await json(edge('/v1/routes/shown'))).toMatchObject({ http: 200, version: 2 })
  const answer = await back(at(2), '{"version": 1}')
  expect(answer.headers.get('etag')).toBe('"3"')
  expect(await remove(at(2))).toMatchObject(moved(3))
  expect(await remove(at(3))).toMatchObject({ http: 200, deleted: true })
  expect(await remove(at(3))).toMatchObject({ http: 404, error: { code: 'route_not_found' } })
  // One that was deleted is had back only by who knows that it is.
  expect(await json(back(at(3)))).toMatchObject(moved(null))
  expect(await json(back({ 'if-none-match': '*' }))).toMatchObject({ http: 200, version: 4 })
  await remove({}, 'shown')
  // What the deployment's config has comes to light again beneath it.
  await put({}, 'orator')
  expect(await remove(at(0), 'orator')).toMatchObject({ http: 412, error: { code: 'route_moved' } })
  await remove({}, 'orator')
  expect(await remove(at(0), 'orator')).toMatchObject({ http: 409, error: { code: 'route_is_configured' } })
})
