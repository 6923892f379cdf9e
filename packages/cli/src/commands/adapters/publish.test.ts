import { sha256, WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { noteOtherKind, otherKind } from './other-kind.ts'
import { publishNew } from './publish.ts'

const [old, other] = ['old', 'other'].map((text) => new TextEncoder().encode(text))

/** An edge where `tone/calm` stands for version 3, of the bytes `old`. */
const edge = async ({ lost, away }: { lost?: string; away?: WeftError } = {}) => {
  const published: string[] = []
  const adapter = { id: 'tone/calm@3', name: 'tone/calm', digest: await sha256(old), method: 'lora' }
  const weft = {
    adapters: {
      async get(name: string) {
        if (away) throw away
        if (name !== adapter.name) throw new WeftError('adapter_not_found', 'there is no adapter', { status: 404 })
        return adapter
      },
      async download() {
        if (lost) throw new WeftError(lost, 'The stored file is damaged.', { status: 500 })
        return old
      },
      async publish(name: string) {
        published.push(name)
        return { ...adapter, name, id: `${name}@4`, method: 'text' }
      },
    },
  } as unknown as WeftClient
  return { weft, published }
}

test('bytes that a name stands for already are not published again; which version has them is told', async () => {
  const { weft, published } = await edge()
  expect(await publishNew(weft, 'tone/calm', old)).toMatchObject({ unchanged: true, adapter: { id: 'tone/calm@3' } })
  expect(published).toEqual([])
})

test('other bytes, another name, and what is signed are published', async () => {
  const { weft, published } = await edge()
  expect(await publishNew(weft, 'tone/calm', other)).toMatchObject({ unchanged: false, adapter: { id: 'tone/calm@4' } })
  expect(await publishNew(weft, 'tone/new', old)).toMatchObject({ unchanged: false, adapter: { id: 'tone/new@4' } })
  expect(await publishNew(weft, 'tone/calm', old, { signature: 'ed25519:a:b' })).toMatchObject({ unchanged: false })
  expect(published).toEqual(['tone/calm', 'tone/new', 'tone/calm'])
})

test('a file that the store has lost is mended by the same bytes; an edge that is away is told of, once', async () => {
  const { weft, published } = await edge({ lost: 'adapter_file_damaged' })
  expect(await publishNew(weft, 'tone/calm', old)).toMatchObject({ unchanged: false })
  expect(published).toHaveLength(1)
  const away = new WeftError('edge_unreachable', 'Nothing answers.', { status: 503 })
  const nobody = await edge({ away })
  await expect(publishNew(nobody.weft, 'tone/calm', old)).rejects.toBe(away)
  expect(nobody.published).toEqual([])
})

test('what another method made is told of, and is published all the same', async () => {
  const { weft } = await edge()
  const { adapter, before } = await publishNew(weft, 'tone/calm', other)
  expect(otherKind(before, adapter)).toBe(
    '"tone/calm" stood for tone/calm@3, of the method lora, and stands for tone/calm@4 now, of text. The version before stays: npx weft rollback tone/calm',
  )
  expect((await publishNew(weft, 'tone/calm', old, { again: true })).adapter.id).toBe('tone/calm@4')
  // A candidate stands for nothing yet; neither does the first of a name replace anything, nor one of the same method.
  expect(otherKind(before, { ...adapter, candidate: true })).toBeUndefined()
  expect(otherKind(before, { ...adapter, method: 'lora' })).toBeUndefined()
  expect(otherKind((await publishNew(weft, 'tone/new', old)).before, adapter)).toBeUndefined()
  const told: string[] = []
  for (const [suffix, type] of [
    ['tone/calm', 'ia3'],
    ['tone/calm', 'lora'],
    ['tone/new', 'ia3'],
  ] as const)
    await noteOtherKind(weft, { suffix, method: { type } }, (text) => told.push(text))
  expect(told).toEqual([expect.stringContaining('and will stand for what this job makes, of ia3.')])
  // An edge that is away by now is noticed by who follows the job.
  const { weft: away } = await edge({ away: new WeftError('edge_unreachable', 'Nothing answers.', { status: 503 }) })
  await noteOtherKind(away, { suffix: 'tone/calm', method: { type: 'ia3' } }, (text) => told.push(text))
  expect(told).toHaveLength(1)
})
