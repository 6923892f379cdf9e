import type { WeftClient } from '@weft/client'
import type { AdapterObject, KeptReason } from '@weft/protocol'
import { expect, test } from 'vitest'
import { usesOf } from './uses.ts'

const adapter = { id: 'style/a@2', name: 'style/a', digest: 'sha256:0', aliases: ['latest', 'prod'] } as unknown as AdapterObject
/** @param reasons the collector's; undefined for a key that may not ask for them */
const client = (reasons?: readonly KeptReason[]): WeftClient =>
  ({
    collectGarbage: async () => {
      if (!reasons) throw new Error('role_forbidden')
      return { kept: [{ kind: 'version', id: 'style/a@2', reasons }] }
    },
    routes: { list: async () => [{ name: 'orator', composition: 'base + style/a' }] },
  }) as unknown as WeftClient

test('what refuses a deletion stands apart from what goes without the version, and reasons of the collector alone are not said', async () => {
  const reasons: KeptReason[] = [
    { code: 'bare_name', message: '"style/a" stands for it' },
    { code: 'alias', message: 'the alias "style/a@prod" stands for it' },
    { code: 'route', message: 'the route "orator" uses it' },
    { code: 'route_version', message: 'version 1 of the route "orator" uses it' },
    { code: 'calibration', message: 'a calibration of "orator" is for it' },
    { code: 'job', message: 'the job "ftjob-1" needs it' },
    { code: 'batch', message: 'the batch "batch-1" may ask for it' },
    { code: 'newest', message: 'one of the newest, in whatever words' },
    { code: 'young', message: 'young, in whatever words' },
  ]
  expect(await usesOf(client(reasons), adapter)).toEqual({
    keep: ['the alias "style/a@prod" stands for it', 'the route "orator" uses it', 'the job "ftjob-1" needs it', 'the batch "batch-1" may ask for it'],
    lose: [
      '"style/a" stands for it: that name goes back to the version before, where there is one',
      'version 1 of the route "orator" uses it',
      'a calibration of "orator" is for it',
    ],
  })
})

test('who may not ask the collector hears of aliases and routes', async () => {
  expect(await usesOf(client(), adapter)).toEqual({
    keep: ['the alias "style/a@prod" stands for it', 'the route "orator" uses it'],
    lose: ['"style/a" stands for it: that name goes back to the version before, where there is one'],
  })
})
