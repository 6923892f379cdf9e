import type { WeftClient } from '@weft/client'
import type { AdapterObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import { usesOf } from './uses.ts'

const adapter = { id: 'style/a@2', name: 'style/a', digest: 'sha256:0', aliases: ['latest', 'prod'] } as unknown as AdapterObject
/** @param because the collector's reasons; undefined for a key that may not ask for them */
const client = (because?: readonly string[]): WeftClient =>
  ({
    collectGarbage: async () => {
      if (!because) throw new Error('role_forbidden')
      return { kept: [{ kind: 'version', id: 'style/a@2', because }] }
    },
    routes: { list: async () => [{ name: 'orator', composition: 'base + style/a' }] },
  }) as unknown as WeftClient

test('what refuses a deletion stands apart from what goes without the version, and reasons of the collector alone are not said', async () => {
  const because = [
    '"style/a" stands for it',
    'the alias "style/a@prod" stands for it',
    'the route "orator" uses it',
    'version 1 of the route "orator" uses it',
    'a calibration of "orator" is for it',
    'the job "ftjob-1" needs it',
    'the batch "batch-1" may ask for it',
    'it is one of the 2 newest',
    'it is younger than 3600 s',
  ]
  expect(await usesOf(client(because), adapter)).toEqual({
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
