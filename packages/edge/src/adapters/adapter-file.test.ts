import { expect, test } from 'vitest'
import { adapterFileDamaged, adapterFileMissing } from '../errors.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import { whileThere } from './adapter-file.ts'

const adapter = { name: 'a/b', version: 2 } as AdapterVersion
const missing = adapterFileMissing('a/b@2', 'sha256:0')

test('a file that is not there is missing while its version stands, and gone with it', async () => {
  const read = (error: Error, found?: AdapterVersion) => whileThere(Promise.reject(error), { find: async () => found }, adapter, 'id')
  await expect(read(missing, adapter)).rejects.toBe(missing)
  await expect(read(missing)).rejects.toMatchObject({
    code: 'adapter_version_not_found',
    status: 404,
    param: 'id',
    details: { name: 'a/b@2', suggestions: [] },
  })
  const damaged = adapterFileDamaged('a/b@2', 'sha256:0')
  await expect(read(damaged)).rejects.toBe(damaged)
})
