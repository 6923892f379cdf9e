import { WeftError } from '@weft/adapters'
import { PluginRegistry } from '@weft/methods'
import promptTuning from '@weft/plugins/prompt-tuning'
import { expect, test, vi } from 'vitest'
import { publishAdapter } from '../../src/adapters/publish.ts'
import { signatures } from '../../src/adapters/signatures.ts'
import { adapterFile } from '../../test/tiny-model.ts'
import { memoryStores } from '../memory-stores.ts'

const publisher = () => {
  const stores = memoryStores().open('default')
  return {
    ...stores,
    plugins: new PluginRegistry([promptTuning]),
    signatures: signatures({}, undefined),
    gate: { checkSize: () => {}, measures: () => false },
    now: () => 1,
  }
}
const away = new WeftError('storage_unavailable', 'gone', { status: 503 })

test('what is published is not told as failed where its storage goes away then, since it would be published again', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const to = publisher()
  const bytes = await adapterFile()
  const leaving = { ...to, blobs: { ...to.blobs, has: async () => Promise.reject(away) } }
  expect(await publishAdapter(leaving, { name: 'a/b', bytes, models: [] })).toMatchObject({ name: 'a/b', version: 1 })
  // A job tries again, and has the same version then.
  await expect(publishAdapter(leaving, { name: 'a/c', bytes, models: [], jobId: 'ftjob-1' })).rejects.toBe(away)
  expect(await publishAdapter(to, { name: 'a/c', bytes, models: [], jobId: 'ftjob-1' })).toMatchObject({ version: 1 })
})

test('an upload that has a name publishes once, until that is deleted', async () => {
  const to = publisher()
  const bytes = await adapterFile()
  const publish = async () => (await publishAdapter(to, { name: 'a/d', bytes, models: [], publication: 'publication-1' })).version
  expect([await publish(), await publish()]).toEqual([1, 1])
  await to.names.remove('a/d', 1)
  expect([await publish(), await publish()]).toEqual([2, 2])
})

test('what is not stored is not published', async () => {
  const to = publisher()
  await expect(
    publishAdapter({ ...to, blobs: { ...to.blobs, put: async () => Promise.reject(away) } }, { name: 'a/b', bytes: await adapterFile(), models: [] }),
  ).rejects.toBe(away)
  expect(await to.names.versions('a/b')).toEqual([])
})
