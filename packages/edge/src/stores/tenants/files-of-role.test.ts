import type { FilePurpose } from '@weft/protocol'
import { expect, test } from 'vitest'
import { memoryStores } from '../../../node-host/memory-stores.ts'
import { filesOfRole } from './files-of-role.ts'

test('who is not to train pages through the files of batches in either order, past what is not theirs', async () => {
  const { files } = memoryStores().open('default')
  const put = (id: string, purpose: FilePurpose) => files.put({ id, object: 'file', bytes: 1, createdAt: 1, filename: 'a.jsonl', purpose, digest: 'sha256:0' })
  for (const [id, purpose] of Object.entries({ a: 'fine-tune', b: 'batch', c: 'fine-tune', d: 'batch_output', e: 'fine-tune' } as const)) await put(id, purpose)
  const seen = filesOfRole(files, 'caller')
  const paged = async (order: 'asc' | 'desc'): Promise<string[]> => {
    const ids: string[] = []
    for (let more = true; more; ) {
      const page = await seen.list({ limit: 1, order, after: ids.at(-1) })
      ids.push(...page.files.map(({ id }) => id))
      more = page.hasMore
    }
    return ids
  }
  expect(await paged('asc')).toEqual(['b', 'd'])
  expect(await paged('desc')).toEqual(['d', 'b'])
})
