import { expect, test } from 'vitest'
import type { AllUsage, UsageRow } from '../stores/usage.ts'
import { usageRecorder } from './usage-recorder.ts'

const key = { route: 'a', version: 1, variant: '', kind: 'answer' as const }

test('what a store did not take is stored with what comes next, once', async () => {
  const stored: (UsageRow & { tenant: string })[][] = []
  let full = true
  const store = {
    add: async (rows: readonly (UsageRow & { tenant: string })[]) => {
      if (full) throw new Error('full')
      stored.push([...rows])
    },
  } as unknown as AllUsage
  const record = usageRecorder(store)
  await expect(record('acme', key, { requests: 1, promptTokens: 3 })).rejects.toThrow('full')
  full = false
  await record('acme', key, { requests: 1, promptTokens: 4 })
  await record('other', key, { requests: 1 })
  expect(stored).toMatchObject([[{ tenant: 'acme', route: 'a', requests: 2, promptTokens: 7 }], [{ tenant: 'other', requests: 1 }]])
})
