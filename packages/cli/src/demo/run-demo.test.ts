import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { progressOf } from '../watching/progress.ts'
import { demoAdapters } from './adapters.ts'
import { runDemo } from './run-demo.ts'

/** A demo whose jobs are under way, and end as is said; the others end well. */
const shown = async (ends: Record<string, string>): Promise<{ asked: string[]; said: Record<string, string> }> => {
  const asked: string[] = []
  const said: Record<string, string> = {}
  const label = { label: 'ham', scores: { ham: 1 } }
  const weft = {
    health: async () => ({ runner: { reachable: true, models: [{ fingerprint: 'x' }] } }),
    adapters: { list: async () => [] },
    jobs: {
      list: async () => ({ data: demoAdapters.map(({ name }) => ({ id: name, suffix: name, status: 'running' })) }),
      wait: async (id: string) => ({ id, suffix: id, status: ends[id] ?? 'succeeded' }),
    },
    completions: {
      create: async ({ model }: { model: string }) => {
        asked.push(model)
        return { choices: [{ text: ' are' }] }
      },
    },
    classify: async ({ model, input }: { model: string; input: string[] }) => {
      asked.push(model)
      return { data: input.map(() => label) }
    },
  } as unknown as WeftClient
  await runDemo({
    weft,
    url: 'http://edge',
    keyFile: 'key',
    say: (event, _, text) => {
      said[event] = text
    },
    progress: progressOf({ silent: true }),
    signal: new AbortController().signal,
    json: false,
  })
  return { asked, said }
}

test('the demo shows all that it trained', async () => {
  const { asked, said } = await shown({})
  expect(asked).toEqual(['base + style/speech + 0.5*style/whale', 'base', 'mail/spam', 'mail/spam'])
  expect(said.cancelled).toBeUndefined()
})

test('what is cancelled is told, and the demo goes on with what is left', async () => {
  const whale = await shown({ 'style/whale': 'cancelled' })
  expect(whale.said.cancelled).toContain('The training of style/whale was cancelled')
  expect(whale.asked).toEqual(['base + style/speech', 'base', 'mail/spam', 'mail/spam'])
  expect(whale.said.shown).not.toContain('style/whale')
  const mail = await shown({ 'mail/spam': 'cancelled' })
  expect(mail.asked).toEqual(['base + style/speech + 0.5*style/whale', 'base'])
  expect(mail.said.shown).not.toContain('mail/spam')
  const all = await shown(Object.fromEntries(demoAdapters.map(({ name }) => [name, 'cancelled'])))
  expect(all.asked).toEqual([])
  expect(all.said.found).toMatch(/^Go on with\n[^]*"model":"base"/)
})

test('what fails is told as before', async () => {
  await expect(shown({ 'style/whale': 'failed', 'mail/spam': 'cancelled' })).rejects.toMatchObject({ code: 'job_ended', status: 'failed' })
})
